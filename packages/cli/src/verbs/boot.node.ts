import type { Json, ReadOptions } from '@deadbox/core';
import { NtfsVolume } from '@deadbox/ntfs';
import { bootSentences, escapeText } from '@deadbox/report';
import {
  type BootReport,
  checkDiskBoot,
  type ExaminedInstallation,
  findDiskBootStores,
  findWindowsFolders,
  readMachineFacts,
} from '@deadbox/triage';
import { type BootElementEntry, type BootObject, type BootStore, readBootStore } from '@deadbox/windows';
import { EXIT, UsageError } from '../exit-code.js';
import { isHiveFile, openHiveFile } from '../input/open-hive.node.js';
import { openTarget, type Target } from '../input/open-target.node.js';
import type { CommonOptions } from '../options.js';
import { Output } from '../output/output.node.js';

/** A store as it is shown. */
interface ShownStore {
  readonly path: string;
  readonly volume: number | null;
  readonly role: string;
  verdict: string;
  readonly objects: Json;
}

/** Shows the boot store in words, and whether it still fits the disk. */
export async function bootVerb(image: string, options: CommonOptions, signal: AbortSignal): Promise<number> {
  const output = new Output(options.output);
  const shown =
    !/^https?:/i.test(image) && (await isHiveFile(image))
      ? await storeFile(image, { signal })
      : await diskStores(image, options, { signal });
  if (options.json === true || options.ndjson === true) {
    output.write(
      `${JSON.stringify({ schema: 'deadbox.boot/1', ...shown }, undefined, options.ndjson === true ? undefined : 2)}\n`,
    );
  } else output.write(renderStores(shown.stores, shown.check));
  output.close();
  return EXIT.ok;
}

async function storeFile(
  path: string,
  reading: ReadOptions,
): Promise<{ stores: ShownStore[]; check: BootReport | null }> {
  const { hive, close } = await openHiveFile(path, '', reading);
  try {
    const store = await readBootStore(hive);
    return {
      stores: [{ path, volume: null, role: 'file', verdict: hive.state.recovery, objects: describeStore(store) }],
      check: null,
    };
  } finally {
    await close();
  }
}

async function diskStores(
  image: string,
  options: CommonOptions,
  reading: ReadOptions,
): Promise<{ stores: ShownStore[]; check: BootReport | null }> {
  const target = await openTarget(image, options, reading);
  try {
    const found = await findDiskBootStores(target.disk, reading);
    const check = await checkDiskBoot(target.disk, await installations(target, reading), reading, found);
    if (found.stores.length === 0 && check.verdict === 'not-checked')
      throw new UsageError(`${image} has no boot store and no Windows to start`, EXIT.notFound);
    const stores = found.stores.map(({ path, partition, role, health, store }) => ({
      path,
      volume: partition,
      role,
      verdict: health.verdict,
      objects: store === undefined ? [] : describeStore(store),
    }));
    return { stores, check };
  } finally {
    await target.close();
  }
}

async function installations(target: Target, reading: ReadOptions): Promise<ExaminedInstallation[]> {
  const found: ExaminedInstallation[] = [];
  for (const volume of target.disk.volumes) {
    if (volume.locked || volume.fileSystem !== 'ntfs') continue;
    const tree = await volume.fileTree(reading);
    if (!(tree instanceof NtfsVolume)) continue;
    for (const { path } of await findWindowsFolders(tree, reading)) {
      found.push({ volume: volume.number, root: path, opened: (await readMachineFacts(tree, path, reading)).opened });
    }
  }
  return found;
}

function describeStore(store: BootStore): Json {
  return store.objects.map((object) => ({
    id: `{${object.id.toLowerCase()}}`,
    name: object.name ?? null,
    type: `0x${object.type.toString(16).padStart(8, '0')}`,
    kind: object.kind,
    elements: object.elements.map((element) => ({
      id: `0x${element.id.toString(16).padStart(8, '0')}`,
      name: element.name,
      value: valueOf(element),
    })),
  }));
}

function valueOf({ value }: BootElementEntry): Json {
  switch (value.format) {
    case 'device':
      return JSON.parse(
        JSON.stringify(value.device, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner)),
      ) as Json;
    case 'string':
      return value.text;
    case 'object':
      return `{${value.id.toLowerCase()}}`;
    case 'object-list':
      return value.ids.map((id) => `{${id.toLowerCase()}}`);
    case 'integer':
      return String(value.integer);
    case 'boolean':
      return value.boolean;
    case 'integer-list':
      return value.integers.map(String);
    default:
      return null;
  }
}

function renderStores(stores: readonly ShownStore[], check: BootReport | null): string {
  const lines: string[] = [];
  for (const store of stores) {
    lines.push(
      `${escapeText(store.path)}${store.volume === null ? '' : ` on volume ${store.volume}`} (${store.role}, ${store.verdict})`,
    );
    for (const object of store.objects as unknown as (Pick<BootObject, 'id' | 'kind'> & {
      name: string | null;
      elements: { name: string; value: Json }[];
    })[]) {
      lines.push(`  ${object.name ?? object.id}  ${object.kind}`);
      for (const { name, value } of object.elements)
        lines.push(`    ${name.padEnd(24)} ${escapeText(typeof value === 'string' ? value : JSON.stringify(value))}`);
    }
    lines.push('');
  }
  if (check !== null)
    lines.push(`Boot check: ${check.verdict}`, ...bootSentences(check).map((sentence) => `  ${sentence}`));
  return `${lines.join('\n')}\n`;
}
