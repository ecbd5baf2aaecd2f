/** What the suite knows of the implementation under test, and what it can make it do. */
export interface Yz7ContractContext {
  /** Origin of the admin API, without `/admin/v1`. */
  readonly adminUrl: string;
  /** Origin of the reverse proxy; without it the cases of choosing are skipped. */
  readonly dataUrl?: string | undefined;
  /** May write everything. */
  readonly token: string;
  /** The instance's IDC. */
  readonly idc: string;
  /** A token that may write only sources whose names begin with `prefix`. */
  readonly restricted?: { readonly token: string; readonly prefix: string } | undefined;
  /** Address under which the gateway reaches servers that this process starts; default 127.0.0.1. */
  readonly serverIp?: string | undefined;
  /** The largest body that is taken; without it the case of 413 is skipped. */
  readonly bodyLimitBytes?: number | undefined;
  /** Moves the clock of the guards; without it the case of their window is skipped. */
  readonly advance?: ((ms: number) => void | Promise<void>) | undefined;
  /** Makes one worker stop adopting revisions; gives its name and the way back. */
  readonly stickWorker?:
    (() => Promise<{ readonly worker: string; readonly release: () => Promise<void> }>) | undefined;
  /** Makes writes fail with this status; gives the way back. */
  readonly failWrites?: ((status: 429 | 503) => Promise<() => Promise<void>>) | undefined;
  /** Kills the gateway without warning and starts it again on the same store and ports. */
  readonly restart?: (() => Promise<void>) | undefined;
}

/** `refused`: answered 501 in the contract's form. `skipped`: the context lacks what the case needs. */
export type Yz7ContractResult = 'passed' | 'refused' | 'skipped';

/** One rule of the contract. */
export interface Yz7ContractCase {
  /** A sentence, unique in the suite. */
  readonly name: string;
  /** Heading of `yz7-contract.md`, or the resource. */
  readonly section:
    'words' | 'claims' | 'resources' | 'status' | 'writes' | 'guards' | 'errors' | 'choosing' | 'durability';
  /** An implementation may put this rule off and answer 501. */
  readonly refusable?: true;
  /** Throws an AssertionError when the rule is broken. */
  readonly run: (context: Yz7ContractContext) => Promise<Yz7ContractResult>;
}
