// What is under way in canonical text.
import type { Canon, Part } from './canon.js';
import { generation, look, revision, servers } from './canon-core.js';
import type { Judged } from './judge.js';
import type { Call } from './state.js';
import { ticksSince, windowMs } from './time.js';

export function writeCalls(canon: Canon, calls: readonly Call[]): void {
  for (const call of [...calls].sort(byIdentity)) writeCall(canon, call);
}

/** The same call in every history: numbers only grow. */
const identityOf = ({ process, ask, stage }: Call): string => {
  const of = 'gateway' in ask ? ask.gateway : '';
  const upstream = 'upstream' in ask ? ask.upstream : '';
  return `${process} ${ask.type} ${of} ${upstream} ${stage}`;
};
const numberOf = ({ ask }: Call): number => {
  if ('look' in ask) return ask.look;
  if ('generation' in ask) return Number(ask.generation);
  return 'revision' in ask ? ask.revision : 0;
};
function byIdentity(one: Call, other: Call): number {
  const [a, b] = [identityOf(one), identityOf(other)];
  if (a !== b) return a < b ? -1 : 1;
  return numberOf(one) - numberOf(other);
}

function writeCall(canon: Canon, call: Call): void {
  const { ask, process, answer, judged } = call;
  const path: Part[] = [identityOf(call), ' '];
  if (ask.type === 'prove') {
    canon.line(...path, ask.services.join());
    for (const key of Object.keys(ask.pods)) canon.pod(key, ...path);
  } else if ('look' in ask) path.push(look(canon, process, ask.gateway, ask.look), ' ');
  else if ('generation' in ask) path.push(...generation(canon, ask.generation), ' ');
  else path.push(revision(canon, ask.gateway, ask.revision), ' ');
  canon.line(...path);
  if (ask.type === 'write') {
    servers(canon, ask.servers, ...path, `write ${ask.force !== null} `);
    canon.line(...path, String(ask.force !== null));
  }
  if (answer !== null) writeAnswer(canon, call, path);
  if (judged !== null && call.stage !== 'answered') writeJudged(canon, judged, path);
}

function writeAnswer(canon: Canon, { ask, answer }: Call, path: readonly Part[]): void {
  const gateway = 'gateway' in ask ? ask.gateway : '';
  switch (answer?.type) {
    case 'claimed':
      canon.line(...path, answer.storeId);
      break;
    case 'written':
      canon.line(...path, answer.storeId, ' ', revision(canon, gateway, answer.revision));
      break;
    case 'sources':
      for (const { upstream, servers: list, revision: at } of answer.sources) {
        canon.line(...path, upstream, ' ', revision(canon, gateway, at));
        servers(canon, list, ...path, upstream, ' ');
      }
      break;
    case 'read':
      canon.line(...path, revision(canon, gateway, answer.revision));
      servers(canon, answer.servers, ...path);
      break;
    case 'proof':
      canon.line(...path, 'gone ', answer.servicesGone.join());
      for (const [key, proof] of Object.entries(answer.pods)) canon.pod(key, ...path, proof);
      break;
    case 'claim-failed':
    case 'write-failed': {
      const { code, uncertain, retryAfterMs, presentEpoch } = answer.failure;
      canon.line(...path, `${code} ${uncertain} ${retryAfterMs} `, canon.rank('epoch', presentEpoch));
      break;
    }
  }
}

function writeJudged(
  canon: Canon,
  { blindness, verdicts, addsConfirmed, believed, storeId, at }: Judged,
  path: readonly Part[],
): void {
  canon.line(...path, `judged ${blindness} ${addsConfirmed} ${storeId} ${ticksSince(canon.now, at, windowMs)}`);
  for (const [key, verdict] of Object.entries(verdicts))
    canon.pod(key, ...path, 'judged ', Object.values(verdict).join());
  servers(canon, believed, ...path, 'believed ');
}
