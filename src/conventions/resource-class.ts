/** What a container of a class asks for and may use at most, as Kubernetes quantities. */
export interface ResourceClass {
  readonly requests: { readonly cpu: string; readonly memory: string };
  /** Without a CPU limit a container takes what its node has left. */
  readonly limits: { readonly cpu?: string; readonly memory: string };
}
