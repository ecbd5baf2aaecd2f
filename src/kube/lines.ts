/**
 * Cuts a stream of bytes into lines without their newline. Keeps the pieces of an unfinished line as they came and joins
 * them once, so a long line costs its own size and no more. A last line without newline is not a line: it was cut off.
 */
export class LineSplitter {
  #pieces: Uint8Array[] = [];

  /** The lines that end in this chunk. */
  push(chunk: Uint8Array): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      const tail = chunk.subarray(start, end);
      const line = this.#pieces.length === 0 ? decode(tail) : decode(Buffer.concat([...this.#pieces, tail]));
      this.#pieces = [];
      if (line !== '') lines.push(line);
      start = end + 1;
    }
    if (start < chunk.length) this.#pieces.push(chunk.subarray(start));
    return lines;
  }

  /** True when bytes of an unfinished line are left. */
  get isCut(): boolean {
    return this.#pieces.length > 0;
  }
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
