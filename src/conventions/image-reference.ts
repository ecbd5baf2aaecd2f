/** True for an image's reference that ends with a tag or a digest: without, it is whatever was pushed last. */
export function hasTagOrDigest(image: string): boolean {
  return /^[^\s@]+(:\w[\w.-]{0,127}|@sha256:[0-9a-f]{64})$/.test(image);
}
