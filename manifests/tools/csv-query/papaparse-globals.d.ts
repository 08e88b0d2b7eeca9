// The published types of papaparse name a type of the browser's.
type BufferSource = ArrayBufferView | ArrayBuffer;
