import type { Json } from '@deadbox/core';
import { escapeText } from '@deadbox/report';
import { type RegistryLine, type RegistryRow, registryLine, registryTypeName } from '@deadbox/windows';
import { EXIT, UsageError } from '../exit-code.js';
import { type OpenedHive, openHive } from '../input/open-hive.node.js';
import type { CommonOptions } from '../options.js';
import { Output } from '../output/output.node.js';

/** Options of `deadbox reg`. */
export interface RegOptions extends CommonOptions {
  readonly recursive?: boolean;
}

/** Shows registry keys and values of a disk or of a hive file. */
export async function regVerb(
  image: string,
  argument: string | undefined,
  options: RegOptions,
  signal: AbortSignal,
): Promise<number> {
  const opened = await openHive(image, argument, options, { signal });
  try {
    const output = new Output(options.output);
    const writer = lineWriter(options, output);
    for await (const batch of rows(opened, options.recursive === true))
      for (const row of batch) writer.row(registryLine(row));
    writer.end();
    output.close();
    sayState(opened, options);
    return EXIT.ok;
  } finally {
    await opened.close();
  }
}

/** The rows of the key (its own, its values, its subkeys), or of everything below it. */
async function* rows(opened: OpenedHive, recursive: boolean): AsyncGenerator<readonly RegistryRow[]> {
  const { hive, keyPath } = opened;
  const key = keyPath === '' ? hive.root : await hive.key(keyPath);
  if (key === undefined) throw new UsageError(`the hive has no key ${escapeText(keyPath)}`, EXIT.notFound);
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

function lineWriter(options: RegOptions, output: Output): { row: (line: RegistryLine) => void; end: () => void } {
  if (options.ndjson === true)
    return { row: (line) => output.write(`${JSON.stringify(line)}\n`), end: () => undefined };
  if (options.json === true) {
    let count = 0;
    output.write('[');
    return {
      row: (line) => {
        output.write(`${count === 0 ? '' : ','}\n${JSON.stringify(line)}`);
        count += 1;
      },
      end: () => output.write('\n]\n'),
    };
  }
  return { row: (line) => output.write(textLine(line)), end: () => undefined };
}

const MAX_SHOWN = 200;

/** Text and numbers as they are. */
function textOf(data: Json): string {
  return typeof data === 'string' ? data : JSON.stringify(data);
}

function textLine(line: RegistryLine): string {
  if (line.type === -1) return `${escapeText(line.key)}\n`;
  const data =
    line.data === undefined
      ? '(unreadable)'
      : Array.isArray(line.data)
        ? line.data.map(textOf).join(', ')
        : textOf(line.data);
  const shown = escapeText(data.length > MAX_SHOWN ? `${data.slice(0, MAX_SHOWN)}…` : data);
  return `  ${escapeText(line.name === '' ? '(default)' : line.name)}  ${registryTypeName(line.type)}  ${shown}\n`;
}

/** How the hive was left, when that matters. */
function sayState(opened: OpenedHive, options: RegOptions): void {
  const { state, issues } = opened.hive;
  if (options.quiet === true) return;
  if (state.dirty) {
    const how =
      state.recovery === 'replayed'
        ? 'its logs were replayed in memory'
        : 'no usable log was found, so its newest changes are missing';
    process.stderr.write(`deadbox: the hive was not closed cleanly; ${how}\n`);
  }
  for (const [code, count] of issues.counts) process.stderr.write(`deadbox: ${code}: ${count}\n`);
}
