/**
 * True where a cluster of this version knows what Kubernetes has by default since `since`; nothing is too new for a cluster
 * whose version is not said.
 */
export function knows(kubernetesVersion: string | undefined, since: string): boolean {
  const minor = (version: string): number => Number(version.split('.')[1] ?? 0);
  return kubernetesVersion === undefined || minor(kubernetesVersion) >= minor(since);
}
