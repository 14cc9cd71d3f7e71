import { jsonText, regRow } from '@deadbox/report/internals';
import {
  type RegistryKey,
  type RegistryLine,
  type RegistryRow,
  registryLine,
  unhashedRegistryLine,
} from '@deadbox/windows';
import { EXIT, usageError } from '../exit-code.js';
import { nearestKey } from '../input/nearest-name.node.js';
import { type OpenedHive, openHive } from '../input/open-hive.node.js';
import type { Session } from '../input/session.node.js';
import type { CommonOptions } from '../options.js';
import { itemWriter, withOutput } from '../output/output.node.js';
import { writerFor } from '../output/show.node.js';

/** Options of `deadbox reg`. */
export interface RegOptions extends CommonOptions {
  readonly recursive?: boolean;
  /** commander's form of `--no-hash`. */
  readonly hash?: boolean;
}

/** Shows registry keys and values of a disk or of a hive file. */
export async function regVerb(
  image: string,
  argument: string | undefined,
  options: RegOptions,
  session: Session,
): Promise<number> {
  const opened = await openHive(image, argument, options, session);
  try {
    const hashes = options.hash !== false;
    await withOutput(session.output(options, { endUnread: true }), async (output) => {
      if (options.recursive === true && options.ndjson === true) {
        const lines = opened.hive.jsonLines({ from: await startKey(opened), hashes, toJson: jsonText });
        await output.writeChunks(lines, session.signal);
        return;
      }
      const write = writerFor(options, output);
      const writer = itemWriter<Omit<RegistryLine, 'sha256'>>(options, output, (line) =>
        write([regRow(line, session.reader)]),
      );
      for await (const batch of rows(opened, options.recursive === true))
        for (const row of batch) writer.add(hashes ? registryLine(row) : unhashedRegistryLine(row));
      writer.end();
    });
    if (options.quiet !== true) sayState(opened, session);
    return EXIT.ok;
  } finally {
    await opened.close();
  }
}

/** The key that the arguments name. */
async function startKey({ hive, keyPath }: OpenedHive): Promise<RegistryKey> {
  const key = keyPath === '' ? hive.root : await hive.key(keyPath);
  if (key !== undefined) return key;
  throw usageError('no-key', { path: keyPath, meant: (await nearestKey(hive, keyPath)) ?? null }, EXIT.notFound);
}

/** The rows of the key (its own, its values, its subkeys), or of everything below it. */
async function* rows(opened: OpenedHive, recursive: boolean): AsyncGenerator<readonly RegistryRow[]> {
  const key = await startKey(opened);
  if (recursive) {
    yield* opened.hive.walk({ from: key });
    return;
  }
  const path = key.path;
  const found: RegistryRow[] =
    path === '' ? [] : [{ key: path, name: '', type: -1, size: 0, lastWritten: key.lastWritten }];
  for (const value of await key.values()) {
    const bytes = await value.bytes();
    found.push({
      key: path,
      name: value.name,
      type: value.type,
      size: value.size,
      ...(bytes === undefined ? {} : { bytes }),
    });
  }
  for (const child of await key.subkeys())
    found.push({ key: child.path, name: '', type: -1, size: 0, lastWritten: child.lastWritten });
  yield found;
}

/** How the hive was left, when that matters. */
function sayState({ hive: { state, issues } }: OpenedHive, session: Session): void {
  if (state.dirty) session.say(session.language.hives.notClosed(state.recovery === 'replayed'));
  for (const [code, count] of issues.counts) session.say(session.language.notices.issueCount(code, count));
}
