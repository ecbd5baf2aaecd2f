import { k8s } from 'cdk8s-plus-28';
import { type Finding, isDnsLabel, quantityValue } from '../../src/conventions/index.js';
import type { PodPart } from '../pod/pod-part.js';

/** A volume that each pod of a stateful app has of its own, and finds again when it is replaced. */
export interface VolumeClaim {
  /** A DNS label: `data`. */
  readonly name: string;
  /** Where the app finds it: `/data`. */
  readonly mountPath: string;
  /** As a quantity: `20Gi`. */
  readonly size: string;
  /** Name of a StorageClass of the cluster. Default: the cluster's own default. */
  readonly storageClass?: string;
}

/** What of each pod's claims stands in the StatefulSet; it cannot be changed later. */
export function claimTemplates(claims: readonly VolumeClaim[]): k8s.KubePersistentVolumeClaimProps[] {
  return claims.map(({ name, size, storageClass }) => ({
    metadata: { name },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: k8s.Quantity.fromString(size) } },
      ...(storageClass !== undefined && { storageClassName: storageClass }),
    },
  }));
}

/** The mounts of the claimed volumes. */
export function claimsPart(claims: readonly VolumeClaim[]): PodPart {
  if (claims.length === 0) return {};
  return { main: { volumeMounts: claims.map(({ name, mountPath }) => ({ name, mountPath })) } };
}

export function volumeClaimFindings(claims: readonly VolumeClaim[]): Finding[] {
  return claims.flatMap(({ name, mountPath, size, storageClass }, at) => {
    const before = claims.slice(0, at);
    const found: (readonly [boolean, string, string])[] = [
      [!isDnsLabel(name), 'name', `"${name}" is no DNS label that starts with a letter`],
      [before.some((one) => one.name === name), 'name', `"${name}" stands twice`],
      [!/^\/[^:]+$/.test(mountPath), 'mountPath', `"${mountPath}" is no path such as /data`],
      [before.some((one) => one.mountPath === mountPath), 'mountPath', `"${mountPath}" stands twice`],
      [!((quantityValue(size) ?? 0) > 0), 'size', `"${size}" is no quantity above 0, such as 20Gi`],
      [storageClass === '', 'storageClass', 'is empty: leave it out for the default of the cluster'],
    ];
    return found
      .filter(([wrong]) => wrong)
      .map(([, key, message]) => ({ path: `volumeClaims[${at}].${key}`, message }));
  });
}
