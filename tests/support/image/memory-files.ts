import { type ByteSource, MemorySource, type Siblings, type Surroundings } from '@deadbox/core';
import { type OpenImageOptions, openImage, type VirtualDisk } from '@deadbox/image';

/** A folder in memory that knows which of its files are open; names with `/` are those of files around it. */
export class MemoryFiles implements Siblings {
  /** Names asked for by images. */
  readonly asked: string[] = [];
  /** Files opened and not yet closed. */
  openCount = 0;
  /** Paths of files that were only asked what they are. */
  readonly probed: string[] = [];
  /** How often the files around were listed. */
  listings = 0;
  /** What the list of the files around says that it lacks. */
  leftOut = 0;
  readonly #files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;

  constructor(files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>) {
    this.#files = files;
  }

  open(name: string): Promise<ByteSource | undefined> {
    this.asked.push(name);
    const bytes = this.#files[name];
    if (bytes === undefined) return Promise.resolve(undefined);
    const source = new MemorySource(bytes, { name });
    this.openCount += 1;
    const close = source.close.bind(source);
    let closed = false;
    source.close = () => {
      if (!closed) this.openCount -= 1;
      closed = true;
      close();
    };
    return Promise.resolve(source);
  }

  list(): Promise<string[]> {
    return Promise.resolve(Object.keys(this.#files).filter((name) => !name.includes('/')));
  }

  around(): Promise<Surroundings> {
    return Promise.resolve({
      place: 'memory',
      self: [],
      list: () => {
        this.listings += 1;
        return Promise.resolve({ paths: Object.keys(this.#files), leftOut: this.leftOut });
      },
      head: (path, length) => {
        this.probed.push(path);
        return Promise.resolve(this.#files[path]?.slice(0, length));
      },
      open: (path) => this.open(path),
    });
  }

  /** Opens the image called `name` with this folder as its siblings. */
  image(name: string, options: OpenImageOptions = {}): Promise<VirtualDisk> {
    const bytes = this.#files[name];
    if (bytes === undefined) throw new Error(`no file ${name}`);
    return openImage(new MemorySource(bytes), { name, siblings: this, ...options });
  }
}

/** The error that `promise` rejects with. */
export async function errorOf(
  promise: Promise<unknown>,
): Promise<Error & { code?: string; data?: Record<string, unknown> }> {
  return promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (error: unknown) => error as Error,
  );
}
