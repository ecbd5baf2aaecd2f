import { digestOf, isYouzanKubeError, youzanConventions } from 'youzan-kube';
import { YouzanApp } from 'youzan-kube/constructs';
import { startEmbeddedYz7 } from 'youzan-kube/testing';

const keys: string = youzanConventions.labels.app;
const empty: string = digestOf([]);
const known: boolean = isYouzanKubeError(new Error(keys + empty));
const gateway = await startEmbeddedYz7({ name: 'bc-1', idc: 'bc' });
await gateway.stop();
export const used: readonly unknown[] = [known, YouzanApp, gateway.adminUrl];
