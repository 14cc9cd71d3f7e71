import type { Answer, Api } from './api.js';

/** What went wrong in the worker. */
export class CallError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((share: number) => void) | undefined;
}

/** Calls the worker; a cancelled call ends with `CANCELLED`. */
export class Client {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  #last = 0;

  constructor() {
    this.#worker = startWorker();
    this.#worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => this.#take(data));
    this.#worker.addEventListener('error', (event) => this.#failAll(event.message || 'worker'));
  }

  call<M extends keyof Api>(
    method: M,
    args: Parameters<Api[M]>,
    onProgress?: (share: number) => void,
  ): ReturnType<Api[M]> {
    this.#last += 1;
    const id = this.#last;
    const promise = new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject, onProgress });
    });
    this.#worker.postMessage({ id, method, args }, []);
    return promise as ReturnType<Api[M]>;
  }

  /** Ends every call under way. */
  cancelAll(): void {
    for (const id of this.#pending.keys()) this.#worker.postMessage({ cancel: id }, []);
  }

  #take(answer: Answer): void {
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return;
    if ('progress' in answer) {
      pending.onProgress?.(answer.progress);
      return;
    }
    this.#pending.delete(answer.id);
    if ('error' in answer) pending.reject(new CallError(answer.error.code, answer.error.message));
    else pending.resolve(answer.value as never);
  }

  #failAll(message: string): void {
    for (const { reject } of this.#pending.values()) reject(new CallError('WORKER', message));
    this.#pending.clear();
  }
}

/**
 * The worker: a script of this page, or a module beside it. Either starts from a blob, because only such a worker obeys
 * the policy of this document.
 */
function startWorker(): Worker {
  const { textContent: code, dataset } = document.getElementById('worker') as HTMLElement;
  const { src } = dataset;
  const text = src === undefined ? (code ?? '') : `import ${JSON.stringify(new URL(src, document.baseURI).href)};`;
  const url = URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
  return new Worker(url, { type: src === undefined ? 'classic' : 'module' });
}
