import type { IncomingMessage } from 'node:http';
import { fault } from './fault.js';

const mostBytes = 16 * 1024;
/** So much more is read and thrown away, for the caller to hear why it was refused. */
const mostDiscarded = 8 * 1024 * 1024;

/** The JSON of a request; refuses what is larger than any command. */
export async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= mostBytes) chunks.push(chunk);
    if (size > mostDiscarded) break;
  }
  if (size > mostBytes) throw fault('CONTROL_BODY_TOO_LARGE', `a body has at most ${mostBytes} bytes`);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw fault('CONTROL_BAD_REQUEST', 'the body is no JSON');
  }
}
