import { regRow } from '@deadbox/report/internals';
import { type RegistryLine, type RegistryRow, registryLine } from '@deadbox/windows';
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
    await withOutput(session.output(options), async (output) => {
      const write = writerFor(options, output);
      const writer = itemWriter<RegistryLine>(options, output, (line) => write([regRow(line, session.reader)]));
      for await (const batch of rows(opened, options.recursive === true))
        for (const row of batch) writer.add(registryLine(row));
      writer.end();
    });
    if (options.quiet !== true) sayState(opened, session);
    return EXIT.ok;
  } finally {
    await opened.close();
  }
}

/** The rows of the key (its own, its values, its subkeys), or of everything below it. */
async function* rows(opened: OpenedHive, recursive: boolean): AsyncGenerator<readonly RegistryRow[]> {
  const { hive, keyPath } = opened;
  const key = keyPath === '' ? hive.root : await hive.key(keyPath);
  if (key === undefined)
    throw usageError('no-key', { path: keyPath, meant: (await nearestKey(hive, keyPath)) ?? null }, EXIT.notFound);
  if (recursive) {
    yield* hive.walk({ from: key });
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
