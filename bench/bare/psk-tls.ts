/** TLS without certificates, which Node cannot write: both sides know a key. For the bench alone. */
export const pskTls: { readonly ciphers: string; readonly maxVersion: "TLSv1.2" } = {
  ciphers: "PSK-AES128-GCM-SHA256",
  maxVersion: "TLSv1.2",
};

export const psk: Buffer = Buffer.alloc(32, 1);
