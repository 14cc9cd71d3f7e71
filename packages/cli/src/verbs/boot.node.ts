import type { Json, ReadOptions } from '@deadbox/core';
import { NtfsVolume } from '@deadbox/ntfs';
import { bootPage, type ShownObject, type ShownStore } from '@deadbox/report/internals';
import {
  type BootReport,
  checkDiskBoot,
  type ExaminedInstallation,
  findDiskBootStores,
  findWindowsFolders,
  readMachineFacts,
} from '@deadbox/triage';
import { type BootElementEntry, type BootStore, readBootStore } from '@deadbox/windows';
import { EXIT, usageError } from '../exit-code.js';
import { isHiveFile, openHiveFile } from '../input/open-hive.node.js';
import { openTarget, type Target } from '../input/open-target.node.js';
import type { Session } from '../input/session.node.js';
import { isUrl } from '../input/targets.node.js';
import type { CommonOptions } from '../options.js';
import { withOutput } from '../output/output.node.js';
import { writerFor } from '../output/show.node.js';

interface Shown {
  readonly stores: readonly ShownStore[];
  readonly check: BootReport | null;
}

/** Shows the boot store in words, and whether it still fits the disk. */
export async function bootVerb(image: string, options: CommonOptions, session: Session): Promise<number> {
  const output = session.output(options);
  return withOutput(output, async () => {
    const { stores, check } =
      !isUrl(image) && (await isHiveFile(image))
        ? await storeFile(image, session)
        : await diskStores(image, options, session);
    if (options.json === true || options.ndjson === true)
      output.writeJson({ schema: 'deadbox.boot/1', stores: stores.map(jsonOf), check }, options.ndjson === true);
    else output.write(writerFor(options, output)(bootPage(stores, check, session.pageOptions(options))));
    return EXIT.ok;
  });
}

async function storeFile(path: string, session: Session): Promise<Shown> {
  const { hive, close } = await openHiveFile(path, '', session);
  try {
    const store = await readBootStore(hive);
    const { recovery: verdict } = hive.state;
    const shown = { objects: objectsOf(store), complete: store.complete };
    return { stores: [{ path, volume: null, role: 'file', verdict, ...shown }], check: null };
  } finally {
    await close();
  }
}

async function diskStores(image: string, options: CommonOptions, session: Session): Promise<Shown> {
  const reading = { signal: session.signal };
  const target = await openTarget(image, options, session);
  try {
    const found = await findDiskBootStores(target.disk, reading);
    const check = await checkDiskBoot(target.disk, await installations(target, reading), reading, found);
    if (found.stores.length === 0 && check.verdict === 'not-checked')
      throw usageError('no-boot-store', { image }, EXIT.notFound);
    const stores = found.stores.map(({ path, partition, role, health, store }) => ({
      path,
      volume: partition,
      role,
      verdict: health.verdict,
      objects: store === undefined ? [] : objectsOf(store),
      complete: store?.complete ?? false,
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

function objectsOf(store: BootStore): ShownObject[] {
  return store.objects.map((object) => ({
    id: `{${object.id.toLowerCase()}}`,
    name: object.name ?? null,
    type: `0x${object.type.toString(16).padStart(8, '0')}`,
    kind: object.kind,
    elements: object.elements.map((element) => ({
      id: `0x${element.id.toString(16).padStart(8, '0')}`,
      name: element.name,
      value: valueOf(element),
      decoded: element.value,
    })),
  }));
}

/** A store as JSON has it: without the values as they were read. */
function jsonOf(store: ShownStore): object {
  return {
    ...store,
    objects: store.objects.map((object) => ({
      ...object,
      elements: object.elements.map(({ id, name, value }) => ({ id, name, value })),
    })),
  };
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
