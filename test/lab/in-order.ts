import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files by name, so that those whose names begin alike, and that often share a cluster, come one after the other. */
export class InOrder extends BaseSequencer {
  override sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return Promise.resolve([...files].sort((one, other) => (one.moduleId < other.moduleId ? -1 : 1)));
  }
}
