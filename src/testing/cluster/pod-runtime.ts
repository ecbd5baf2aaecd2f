/** What the API server needs of a kubelet to answer `exec` and `log`. */
export interface PodRuntime {
  /**
   * Runs a command in the pod's environment and answers its exit code (128 + n for signal n). Output comes in chunks as
   * it is written. Throws when the pod has no running container. Aborting the signal kills the command.
   */
  exec(
    namespace: string,
    pod: string,
    command: readonly string[],
    io: { stdout(chunk: Buffer): void; stderr(chunk: Buffer): void; signal: AbortSignal },
  ): Promise<number>;
  /** The container's output so far; empty for a pod that has not started. */
  logs(namespace: string, pod: string, options: { tailLines?: number }): Promise<string>;
}
