declare module 'pg/lib/crypto/utils.js' {
  const utils: {
    deriveKey(password: string, salt: Uint8Array, iterations: number): Promise<ArrayBuffer>;
    hmacSha256(key: Uint8Array | ArrayBuffer, message: string): Promise<Uint8Array | ArrayBuffer>;
    sha256(bytes: Uint8Array | ArrayBuffer): Promise<Uint8Array | ArrayBuffer>;
  };
  export default utils;
}
