import { imagesExamples } from './images.js';
import { lifecycleExamples } from './lifecycle.js';
import { lostExamples } from './lost.js';
import { namesExamples } from './names.js';
import { portsExamples } from './ports.js';
import { referencesExamples } from './references.js';
import { resourcesExamples } from './resources.js';
import { scalingExamples } from './scaling.js';
import { schedulingExamples } from './scheduling.js';
import { selectorsExamples } from './selectors.js';
import { serviceChainExamples } from './service-chain.js';
import { variablesExamples } from './variables.js';
import { versionsExamples } from './versions.js';
import { volumesExamples } from './volumes.js';
import type { BadExamples } from '../bundle.js';

/** What breaks each rule, and it alone. */
export const bad: BadExamples = {
  ...imagesExamples,
  ...lifecycleExamples,
  ...lostExamples,
  ...namesExamples,
  ...portsExamples,
  ...referencesExamples,
  ...resourcesExamples,
  ...scalingExamples,
  ...schedulingExamples,
  ...selectorsExamples,
  ...serviceChainExamples,
  ...variablesExamples,
  ...versionsExamples,
  ...volumesExamples,
};
