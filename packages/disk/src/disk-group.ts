import { defined, type IssueSink, isDamage, isDeadboxError, type ReadOptions, type Siblings } from '@deadbox/core';
import { type NamedSource, openImage, type VirtualDisk } from '@deadbox/image';
import { isImageName } from '@deadbox/image/internals';
import { type LdmDatabase, type LdmMember, readPartitionTable } from '@deadbox/partitions';
import type { DiskIssueCode } from './errors.js';

/** Most files beside an image that are opened in search of the other disks of its group. */
const MAX_SEARCHED = 32;

/** A file beside the image that is a disk of its group. */
interface Found {
  readonly name: string;
  readonly disk: VirtualDisk;
  readonly database: LdmDatabase;
}

/** What looking for the other disks of a group needs. */
export interface GroupSearch extends ReadOptions {
  /** Name of the image itself. */
  readonly name: string;
  /** Disks that the user gave. */
  readonly given: readonly NamedSource[];
  readonly siblings?: Siblings | undefined;
  readonly issues: IssueSink<DiskIssueCode>;
}

/**
 * The disks of a dynamic disk group that are at hand, the disk itself first. Closing it closes what was opened for it.
 */
export class DiskGroup {
  readonly members: LdmMember[] = [];
  readonly #opened: { close?(): unknown }[] = [];

  /** Takes in the given disks of the group; those that volumes still miss are looked for beside the image. */
  async open(image: VirtualDisk, ldm: LdmDatabase, search: GroupSearch): Promise<void> {
    this.members.push({ disk: image, database: ldm });
    const reading = defined({ signal: search.signal });
    for (const { source, name, siblings } of search.given) {
      const disk = await openImage(source, { ...reading, name, ...defined({ siblings }) });
      this.#opened.push(disk);
      const database = (await readPartitionTable(disk, reading)).ldm;
      if (database?.groupId === ldm.groupId && !this.#has(database.diskId)) this.members.push({ disk, database });
    }
    if (search.siblings !== undefined && this.#missing(ldm).size > 0)
      await this.#searchBeside(ldm, search.siblings, search);
  }

  /** Identifiers of the disks that hold other parts of this disk's volumes, and are not at hand. */
  #missing({ diskId: own, volumes }: LdmDatabase): Set<string> {
    const ids = volumes
      .filter(({ parts }) => parts.some(({ diskId }) => diskId === own))
      .flatMap(({ parts }) => parts.map(({ diskId }) => diskId));
    return new Set(ids.filter((id) => id !== undefined).filter((id) => !this.#has(id)));
  }

  /** Closes what was opened for the group. */
  async close(): Promise<void> {
    for (const opened of this.#opened.splice(0).reverse()) await opened.close?.();
  }

  #has(diskId: string): boolean {
    return this.members.some(({ database }) => database.diskId === diskId);
  }

  async #searchBeside(ldm: LdmDatabase, siblings: Siblings, { name, signal, issues }: GroupSearch): Promise<void> {
    const reading = defined({ signal });
    const own = name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    const listed = (await siblings.list?.(reading)) ?? [];
    const candidates = listed.filter((file) => file !== own && isImageName(file)).sort();
    const found = new Map<string, Found[]>();
    for (const file of candidates.slice(0, MAX_SEARCHED)) {
      const member = await this.#memberAt(file, ldm, siblings, reading);
      if (member === undefined) continue;
      const { diskId } = member.database;
      found.set(diskId, [...(found.get(diskId) ?? []), member]);
    }
    const at = { layer: own, offset: 0 };
    const used: string[] = [];
    for (const same of found.values()) {
      const files = same.map((member) => member.name);
      // Two states of one disk: a volume put together of the wrong one would be a mixture.
      if (same.length > 1) issues.add({ code: 'disk.member-ambiguous', severity: 'warning', at, data: { files } });
      else {
        const [{ disk, database }] = same;
        this.members.push({ disk, database });
        used.push(...files);
      }
    }
    if (used.length > 0) issues.add({ code: 'disk.member-beside', severity: 'note', at, data: { files: used } });
  }

  /** The file as a disk of the group that is not yet at hand. */
  async #memberAt(
    name: string,
    ldm: LdmDatabase,
    siblings: Siblings,
    reading: ReadOptions,
  ): Promise<Found | undefined> {
    const owned: { close?(): unknown }[] = [];
    const release = async (): Promise<undefined> => {
      for (const one of owned.reverse()) await one.close?.();
      return undefined;
    };
    try {
      const source = await siblings.open(name, reading);
      if (source === undefined) return undefined;
      owned.push(source);
      const disk = await openImage(source, { ...reading, name, siblings });
      owned.push(disk);
      const database = (await readPartitionTable(disk, reading)).ldm;
      if (database?.groupId !== ldm.groupId || !this.#missing(ldm).has(database.diskId)) return await release();
      this.#opened.push(...owned);
      return { name, disk, database };
    } catch (error) {
      await release();
      if (isDamage(error, reading.signal) || isUnreachable(error)) return undefined;
      throw error;
    }
  }
}

/** A folder, a pipe, or a file that this user may not read: it is no disk of the group, as far as can be told. */
function isUnreachable(error: unknown): boolean {
  return ['SIBLING_REFUSED', 'SOURCE_NOT_READABLE', 'SOURCE_DENIED', 'SOURCE_NOT_FOUND'].some((code) =>
    isDeadboxError(error, code),
  );
}
