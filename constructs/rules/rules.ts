import { debugRelease, initContainer, probeForm, restartPolicy, stopGrace } from './lifecycle.js';
import { imageLatest, imageTag } from './images.js';
import { lostField } from './lost.js';
import { annotation, containerName, duplicateObject, label, objectName, statefulSetName } from './names.js';
import { duplicatePort, portConvention, portName, portNumber, probePort, targetPort, undeclaredPort } from './ports.js';
import { missingConfigMap, missingKey } from './references.js';
import { extendedResource, limitBelowRequest, quantity, resourceName } from './resources.js';
import type { Rule } from './rule.js';
import { budgetForm, hpaBounds, hpaReplicas, hpaRequests } from './scaling.js';
import { affinityTerms } from './scheduling.js';
import {
  budgetSelects,
  scaleTarget,
  selectorLabels,
  selectorOverlap,
  selectorPath,
  serviceSelects,
} from './selectors.js';
import { projectNamespace, serviceChainPlace } from './service-chain.js';
import { duplicateEnv, envName } from './variables.js';
import { fieldVersion } from './versions.js';
import { duplicateVolume, unusedVolume, volumeMount } from './volumes.js';

/** Everything that a bundle is held to, in the order of the page of rules. */
export const rules: readonly Rule[] = [
  objectName,
  statefulSetName,
  duplicateObject,
  label,
  annotation,
  containerName,
  imageTag,
  imageLatest,
  envName,
  duplicateEnv,
  portName,
  portNumber,
  duplicatePort,
  portConvention,
  targetPort,
  probePort,
  undeclaredPort,
  selectorLabels,
  selectorOverlap,
  selectorPath,
  serviceSelects,
  budgetSelects,
  budgetForm,
  scaleTarget,
  hpaRequests,
  hpaReplicas,
  hpaBounds,
  quantity,
  limitBelowRequest,
  resourceName,
  extendedResource,
  volumeMount,
  unusedVolume,
  duplicateVolume,
  missingKey,
  missingConfigMap,
  probeForm,
  initContainer,
  stopGrace,
  restartPolicy,
  debugRelease,
  projectNamespace,
  serviceChainPlace,
  affinityTerms,
  fieldVersion,
  lostField,
];
