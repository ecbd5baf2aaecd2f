/** An image of a registry. */
export interface ImageReference {
  /** `docker.io/library/debian:bookworm-slim`. */
  readonly reference: string;
  /** `sha256:…`: which bytes the reference stands for. Default: whatever the registry has at the time of a build. */
  readonly digest?: string;
}

/** An operating system that apps run on: the lowest layer of their images. */
export interface StackImage {
  /** What the layer is built on. */
  readonly base: ImageReference;
  readonly packageManager: 'apt' | 'yum';
  /** Packages beside those of the base. */
  readonly packages: readonly string[];
  /**
   * Its programs that a gate can ask with: `curl`, `wget`, `nc`, `bash`. With them, and the runtime's, an http or tcp gate that
   * nothing in the image can ask is an error when manifests are made. Default: not known.
   */
  readonly tools?: readonly string[];
  /** Digest of the layer itself, once it is built and pushed. Default: whatever the registry has. */
  readonly digest?: string;
}

/** What an app's language needs: the layer between the operating system and the app. */
export interface RuntimeImage {
  /** Packages of the runtime by the name of a stack; on others it can't be built. */
  readonly packages: Readonly<Record<string, readonly string[]>>;
  /** Programs that must be there once it is built: `python3`. */
  readonly programs: readonly string[];
  /** Digest of the layer by the name of a stack, once it is built and pushed. Default: whatever the registry has. */
  readonly digests?: Readonly<Record<string, string>>;
}

/** The images of a company in their layers: stack, runtime, app. */
export interface ImageCatalogue {
  /** Where the layers are: `registry.example/base`. A stack is `{registry}/stack/{name}`, a runtime `{registry}/runtime/{name}:{stack}`. */
  readonly registry: string;
  readonly stacks: Readonly<Record<string, StackImage>>;
  readonly runtimes: Readonly<Record<string, RuntimeImage>>;
  /** The user that apps run as; never root. */
  readonly user: { readonly id: number; readonly name: string };
  /** The folder of the apps' folders: an app stands in `{appsFolder}/{app}`. */
  readonly appsFolder: string;
}
