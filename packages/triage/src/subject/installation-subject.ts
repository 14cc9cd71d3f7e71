import { type FileTree, type ReadOptions, survive } from '@deadbox/core';
import type { Volume } from '@deadbox/disk';
import type { NtfsVolume } from '@deadbox/ntfs';
import { type HiveFile, type OpenMachine, openHiveFile, type RegistryKey } from '@deadbox/windows';
import type { CrashFacts } from '../evidence/crash-report.js';
import type { Doubts } from './doubts.js';
import { VolumeLadder } from './file-ladder.js';
import type { FileLadder } from './file-state.js';
import { type Fact, SharedFacts } from './shared.js';

/** Which firmware the disk offers a way of starting to. */
export type FirmwareChain = 'uefi' | 'bios' | 'both' | 'none';

/** Hives of a Windows folder that detectors ask for, below `System32\config`. */
export type HiveName = 'SYSTEM' | 'SOFTWARE' | 'COMPONENTS' | 'SAM' | 'SECURITY' | 'DEFAULT';

/** The control set that the loader will use. */
export interface LoaderControlSet {
  /** Its number: `Select\Default`, or `LastKnownGood` where the boot store asks for that. */
  readonly number: number;
  /** E.g. `ControlSet001`. */
  readonly name: string;
  readonly key: RegistryKey;
}

/** What a scan already knows of an installation. */
export interface InstallationFacts {
  /** The volume that it lies on; `undefined` where only its files are seen. */
  readonly volume: Volume | undefined;
  readonly tree: FileTree;
  /** Path of the Windows folder, as stored. */
  readonly root: string;
  /** SYSTEM and SOFTWARE, open, and the facts read from them; `undefined` where neither could be read. */
  readonly machine: OpenMachine | undefined;
  readonly crash: CrashFacts | undefined;
  readonly firmware: FirmwareChain;
  /** The boot store asks for the last known good control set. */
  readonly lastKnownGood: boolean;
  /** The platform that the user means to start it on. */
  readonly target: string | undefined;
  readonly doubts: Doubts;
}

/** One active Windows, as the detectors see it: everything is opened once, when the first of them asks. */
export interface InstallationSubject extends InstallationFacts {
  readonly files: FileLadder;
  /** A hive of `System32\config`. That it is missing or damaged is in its health, never an error. */
  hive(name: HiveName, options: ReadOptions): Promise<HiveFile>;
  /** `undefined` where SYSTEM cannot be read or the set does not exist. */
  controlSet(options: ReadOptions): Promise<LoaderControlSet | undefined>;
  /** A fact that several detectors need, read once. */
  fact<T>(fact: Fact<InstallationSubject, T>, options: ReadOptions): Promise<T>;
}

/** A Windows on an NTFS volume whose structures can be read. */
export interface VolumeSubject extends InstallationSubject {
  readonly volume: Volume;
  readonly tree: NtfsVolume;
}

/** Number of the volume in findings: that of a mounted folder, which shows one volume, is 1. */
export function volumeNumber({ volume }: Pick<InstallationSubject, 'volume'>): number {
  return volume?.number ?? 1;
}

/** Makes the subject; reads nothing. */
export function installationSubject<Facts extends InstallationFacts>(facts: Facts): Facts & InstallationSubject {
  const hives = new Map<HiveName, Promise<HiveFile>>();
  const subject: Facts & InstallationSubject = {
    ...facts,
    files: new VolumeLadder(facts.volume, facts.tree),
    hive(name, options) {
      const known = hives.get(name) ?? openHive(facts, name, options);
      hives.set(name, known);
      return known;
    },
    controlSet: (options) => shared.read(loaderControlSet, options),
    fact: (fact, options) => shared.read(fact, options),
  };
  const shared = new SharedFacts<InstallationSubject>(subject);
  return subject;
}

function openHive({ tree, root, machine }: InstallationFacts, name: HiveName, options: ReadOptions): Promise<HiveFile> {
  const path = `${root}/System32/config/${name}`;
  const { hives } = machine?.machine ?? {};
  if (name === 'SYSTEM' && machine?.system !== undefined && hives !== undefined)
    return Promise.resolve({ path, hive: machine.system, health: hives.system });
  if (name === 'SOFTWARE' && machine?.software !== undefined && hives !== undefined)
    return Promise.resolve({ path, hive: machine.software, health: hives.software });
  // Whether every bin is whole costs reading all of a hive that may be large; what is read of it tells enough.
  return openHiveFile(tree, path, { ...options, checkBins: false });
}

async function loaderControlSet(
  subject: InstallationSubject,
  options: ReadOptions,
): Promise<LoaderControlSet | undefined> {
  const { hive } = await subject.hive('SYSTEM', options);
  if (hive === undefined) return undefined;
  return survive(
    async () => {
      const select = await hive.key('Select');
      const number = await select?.number(subject.lastKnownGood ? 'LastKnownGood' : 'Default');
      if (number === undefined || number > MAX_CONTROL_SET) return undefined;
      const name = `ControlSet${String(number).padStart(3, '0')}`;
      const key = await hive.key(name);
      return key === undefined ? undefined : { number, name, key };
    },
    () => undefined,
    options,
  );
}

const MAX_CONTROL_SET = 999;
