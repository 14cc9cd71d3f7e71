/**
 * How far a start has come where a cause ends it, from the container of the disk to the files of a user; in this order.
 */
export type CausePhase =
  | 'image'
  | 'disk'
  | 'firmware'
  | 'boot-manager'
  | 'loader'
  | 'kernel'
  | 'session'
  | 'logon'
  | 'data';

/**
 * What the smallest repair needs: bytes of equal length, a value or file that changes its size, another file, Windows
 * itself, or nothing on this disk.
 */
export type RepairClass = 'in-place' | 'resize' | 'needs-file' | 'needs-windows' | 'none';

/** The smallest repair of a cause. */
export interface CauseRepair {
  readonly class: RepairClass;
  /** Id of the operation, e.g. `set-start-type`; `null` where there is none that a program could do. */
  readonly operation: string | null;
}

/** What is the same for every finding of one cause. Its words stand in `@deadbox/report`, under the same id. */
export interface CauseKind {
  readonly phase: CausePhase;
  /** What the screen shows: status codes (`0xC000000E`) and stop codes (`0x0000007B`), the likeliest first. */
  readonly codes: readonly string[];
  readonly repair: CauseRepair;
  /** Where the facts behind it are published, spelled out for a reader. */
  readonly sources: readonly string[];
  /**
   * Ids of causes that this one brings about: found on the same installation, they are its consequences and are left
   * out.
   */
  readonly explains?: readonly string[];
  /** Windows starts in spite of it: however surely it is proven, nothing says that the machine does not start. */
  readonly harmless?: true;
}
