/** How apps on a JVM are told what their container may use. */
export interface JvmDefaults {
  /** Kinds whose apps run on a JVM. */
  readonly kinds: readonly string[];
  /** Share of the memory limit for the heap; the rest is for threads, code, buffers and helpers. 1 to 100. */
  readonly maxRamPercentage: number;
  /** For a JVM that is too old to count the CPUs of its container. */
  readonly preload: {
    /** A library in the image that answers for the number of CPUs: an absolute path. */
    readonly library: string;
    /** The variable in which it finds that number. */
    readonly variable: string;
  };
}

/** Where a node has the files that show a container its own CPUs and memory. */
export interface LxcfsDefaults {
  /** An absolute path, the same on all nodes; nothing else is kept in it. */
  readonly folder: string;
}
