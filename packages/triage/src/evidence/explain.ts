import { type Evidence, type EvidenceName, keepOnce, type ReadOptions, unlessDamaged } from '@deadbox/core';
import type { Disk, Volume } from '@deadbox/disk';
import { type NtfsFile, NtfsVolume } from '@deadbox/ntfs';
import type { OpenMachine } from '@deadbox/windows';
import { entryEvidence, recordEvidence, startEvidence, volumeEvidence } from '../obstacles/obstacle-evidence.js';
import type { RegistrySource } from '../report/report-types.js';
import type { FileReport } from '../report/rule-result.js';

/** Files whose way is explained; more would hide the page. */
const MAX_FILES = 32;
const MAX_SOURCES = 2000;
const DATA = 0x80;
/** An attribute's header, and as much of what follows as its run list mostly takes. */
const ATTRIBUTE_BYTES = 64;

/** How the facts of an installation were found. */
export interface Explanation {
  /** Structure by structure from the partition table to a file's runs. */
  readonly steps: ReadonlyMap<FileReport, Evidence[]>;
  /** Where the registry values behind the host's facts lie. */
  readonly registrySources: readonly RegistrySource[] | undefined;
}

/** Looks up how each fact of an installation was found. */
export async function explainInstallation(
  disk: Disk,
  found: { readonly volume: number; readonly files: readonly FileReport[] },
  opened: OpenMachine | undefined,
  options: ReadOptions,
): Promise<Explanation | undefined> {
  const volume = disk.volumes.find(({ number }) => number === found.volume);
  const tree = await volume?.fileTree(options);
  if (volume === undefined || !(tree instanceof NtfsVolume)) return undefined;
  const way = new FileRoute(disk, volume, tree, options);
  const steps = new Map<FileReport, Evidence[]>();
  const files = found.files.filter(({ deleted, foundBy }) => !deleted && foundBy !== 'index-slack');
  for (const file of files.slice(0, MAX_FILES)) steps.set(file, await way.to(file));
  const registry = opened === undefined ? undefined : await registrySources(volume, tree, opened, options);
  return { steps, registrySources: registry };
}

/** The structures between the disk's first sector and a file; folders on the way are read once. */
class FileRoute {
  readonly #disk: Disk;
  readonly #volume: Volume;
  readonly #tree: NtfsVolume;
  readonly #options: ReadOptions;
  readonly #folders = new Map<string, Promise<Evidence[]>>();

  constructor(disk: Disk, volume: Volume, tree: NtfsVolume, options: ReadOptions) {
    this.#disk = disk;
    this.#volume = volume;
    this.#tree = tree;
    this.#options = options;
  }

  async to(file: FileReport): Promise<Evidence[]> {
    const steps = [...(await this.#step('')), ...(await this.#step('/'))];
    const parts = file.path.split('/').filter((part) => part !== '');
    for (let depth = 1; depth < parts.length; depth += 1)
      steps.push(...(await this.#step(`/${parts.slice(0, depth).join('/')}`)));
    const found = await this.#lookup(file.path);
    // A name that a damaged index no longer leads to was found through its record.
    if (found?.record !== file.record) return [...steps, ...file.evidence];
    return [...steps, ...(await this.#nameAndRecord(found)), ...(await this.#content(found))];
  }

  #step(path: string): Promise<Evidence[]> {
    return keepOnce(this.#folders, path, () => (path === '' ? this.#start() : this.#folder(path)));
  }

  async #start(): Promise<Evidence[]> {
    const { recordSize } = this.#tree.geometry;
    const options = this.#options;
    return [
      ...(await entryEvidence(this.#disk, this.#volume, options)),
      ...(await startEvidence(this.#volume, options)),
      ...named('$MFT', await recordEvidence(this.#volume, () => this.#tree.file(0, options), recordSize, options)),
    ];
  }

  async #folder(path: string): Promise<Evidence[]> {
    const found = await this.#lookup(path);
    return found === undefined ? [] : this.#nameAndRecord(found);
  }

  async #nameAndRecord(file: NtfsFile): Promise<Evidence[]> {
    const steps: Evidence[] = [];
    const place = file.entry?.place;
    if (place !== undefined) {
      // Index entry: 16 bytes of header, a $FILE_NAME of 66 bytes and the name in UTF-16, filled up to 8.
      const length = (16 + 66 + file.name.length * 2 + 7) & ~7;
      const where = place.vcn === undefined ? '$INDEX_ROOT' : `$INDEX_ALLOCATION block ${place.vcn}`;
      const what: EvidenceName = `index entry of ${file.name} in ${where}`;
      steps.push(...(await this.#read(what, place.nodeOffset + place.entryOffset, length)));
    }
    const { recordSize } = this.#tree.geometry;
    const record = await recordEvidence(this.#volume, () => Promise.resolve(file), recordSize, this.#options);
    return [...steps, ...named(file.path, record)];
  }

  async #content(file: NtfsFile): Promise<Evidence[]> {
    const data = file.attributes.find(({ type, name }) => type === DATA && name === '');
    return data === undefined
      ? []
      : this.#read(`$DATA attribute, ${data.resident ? 'resident' : 'non-resident'}`, data.offset, ATTRIBUTE_BYTES);
  }

  #read(what: EvidenceName, offset: number, length: number): Promise<Evidence[]> {
    return unlessDamaged(() => volumeEvidence(this.#volume, what, offset, length, this.#options), [], this.#options);
  }

  #lookup(path: string): Promise<NtfsFile | undefined> {
    return unlessDamaged(() => this.#tree.lookup(path, this.#options), undefined, this.#options);
  }
}

function named(name: string, evidence: readonly Evidence[]): Evidence[] {
  return evidence.map((one) => ({ ...one, what: `${one.what}: ${name}` }));
}

/** Where the registry values behind the host's facts lie, in the hive file and on the disk. */
async function registrySources(
  volume: Volume,
  tree: NtfsVolume,
  { machine }: OpenMachine,
  options: ReadOptions,
): Promise<RegistrySource[]> {
  const runs = new Map<string, Awaited<ReturnType<NtfsFile['dataRuns']>>>();
  const found: RegistrySource[] = [];
  for (const { hive, key, name, fileOffset, dataFileOffset } of (machine.sources ?? []).slice(0, MAX_SOURCES)) {
    if (!runs.has(hive)) {
      const read = await unlessDamaged(
        async () => (await tree.lookup(hive, options))?.dataRuns('', options),
        [],
        options,
      );
      runs.set(hive, read ?? []);
    }
    let from = 0;
    let offset: number | null = null;
    for (const run of runs.get(hive) ?? []) {
      if (fileOffset >= from && fileOffset < from + run.bytes && run.offset !== undefined)
        offset = volume.offset + run.offset + fileOffset - from;
      from += run.bytes;
    }
    found.push({ hive, key, value: name, fileOffset, dataFileOffset, offset });
  }
  return found;
}
