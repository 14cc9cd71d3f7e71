import type { Answer, Api, Call } from './api.js';
import { openingApi } from './opening.js';
import type { State } from './state.js';

const running = new Map<number, AbortController>();
let calling = 0;
const state: State = {
  disk: undefined,
  source: undefined,
  counting: undefined,
  report: undefined,
  signal: new AbortController().signal,
  progress: (share) => post({ id: calling, progress: share }),
};
const opening = openingApi(state);

/** What a call does. */
async function methodOf(name: keyof Api): Promise<(...args: readonly unknown[]) => Promise<unknown>> {
  const api = name in opening ? opening : (await import('./content.js')).contentApi(state);
  return (api as unknown as Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>)[name];
}

const post = (answer: Answer, moved: Transferable[] = []): void =>
  (self as unknown as { postMessage(value: unknown, moved: Transferable[]): void }).postMessage(answer, moved);

/** One call after another: they share the disk. */
let queue: Promise<void> = Promise.resolve();

self.addEventListener('message', (event: MessageEvent<Call | { readonly cancel: number }>) => {
  const { data } = event;
  if ('cancel' in data) return running.get(data.cancel)?.abort();
  const control = new AbortController();
  running.set(data.id, control);
  queue = queue.then(async () => {
    try {
      control.signal.throwIfAborted();
      state.signal = control.signal;
      calling = data.id;
      const method = await methodOf(data.method);
      const value = await method(...data.args);
      post({ id: data.id, value: plain(data.method, value) }, data.method === 'list' ? columnsOf(value) : []);
    } catch (error) {
      const { code = 'ERROR', message = String(error) } = error as { code?: string; message?: string };
      post({ id: data.id, error: { code: control.signal.aborted ? 'CANCELLED' : code, message } });
    } finally {
      running.delete(data.id);
    }
  });
});

/** Calls whose answers are no JSON, or large: they go as they are. */
const AS_THEY_ARE: ReadonlySet<keyof Api> = new Set(['list', 'head', 'content']);

/** Reports may hold big numbers and views, which JSON has not. */
function plain(method: keyof Api, value: unknown): unknown {
  if (value === undefined || AS_THEY_ARE.has(method)) return value;
  return JSON.parse(JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? String(inner) : inner)));
}

/** The memory of what a call returned, which goes to the page and is no longer here. */
function columnsOf(value: unknown): Transferable[] {
  return Object.values(value as object).flatMap((column: unknown) =>
    ArrayBuffer.isView(column) ? [column.buffer as ArrayBuffer] : [],
  );
}
