/** An image cannot be built or loaded here; the message ends in the next step, in brackets. */
export class ImageError extends Error {
  override readonly name = "ImageError";
}
