import type { Json } from '@deadbox/core';
import type { RepairOperationId } from '@deadbox/triage';

/** Bytes that are to change, and what they must be now. */
export interface ByteEdit {
  /**
   * The volume whose content `offset` counts in (decrypted, where it is encrypted); `null`: the virtual disk itself.
   */
  readonly volume: number | null;
  /** Byte offset. */
  readonly offset: number;
  /** The bytes now, hexadecimal. */
  readonly before: string;
  /** The bytes afterwards, hexadecimal, equally long. */
  readonly after: string;
  /** What the bytes are. */
  readonly what: EditTarget;
}

/** What the bytes of an edit are. */
export type EditTarget =
  | 'file-name'
  | 'index-entry'
  | 'file-content'
  | 'disk-signature'
  | 'gpt-header'
  | 'gpt-entries'
  | 'boot-signature'
  | 'partition-entry'
  | 'boot-sector'
  | 'hidden-sectors'
  | 'mft-record'
  | 'mft-mirror'
  | 'attribute-list'
  | 'active-flag'
  | 'registry-value'
  | 'registry-key'
  | 'boot-element';

/** What a repair does. */
export type OperationId = RepairOperationId;

/** One change that belongs together: all of its edits or none. */
export interface RepairOperation {
  readonly id: OperationId;
  /** The volume it changes; `null` for the disk. */
  readonly volume: number | null;
  /** In the order in which they must reach the medium. */
  readonly edits: readonly ByteEdit[];
  /** The facts that the words need: paths, old and new names, identities. */
  readonly data: Record<string, Json>;
}

/** Why something is not repaired. */
export type RefusalId =
  | 'not-ntfs'
  | 'locked'
  | 'hibernated'
  | 'log-pending'
  | 'file-missing'
  | 'not-a-plain-file'
  | 'file-record-damaged'
  | 'names-disagree'
  | 'hard-links'
  | 'index-damaged'
  | 'index-unsorted'
  | 'no-free-name'
  | 'mirrored-record'
  | 'content-not-stored'
  | 'identity-unproven'
  | 'identity-in-use'
  | 'table-damaged'
  | 'partition-missing'
  | 'not-a-volume'
  | 'not-stored'
  | 'same-bytes'
  | 'redundant-volume'
  | 'unreadable'
  | 'snapshot-beside'
  | 'saved-vm-state'
  | 'in-use'
  | 'hive-damaged'
  | 'hive-log-pending'
  | 'service-missing'
  | 'driver-needed'
  | 'value-missing'
  | 'value-not-in-place'
  | 'value-not-settable'
  | 'target-missing'
  | 'element-missing'
  | 'element-not-removable'
  | 'element-not-settable'
  | 'no-sound-copy'
  | 'copies-differ'
  | 'nothing-to-repair';

/** A change that was asked for and is not made. */
export interface Refusal {
  readonly id: RefusalId;
  /** What was asked for. */
  readonly operation: OperationId;
  readonly volume: number | null;
  /** The facts that the words need. */
  readonly data: Record<string, Json>;
}

/** What a repair would change, and what it refuses; nothing is written by making one. */
export interface RepairPlan {
  readonly operations: readonly RepairOperation[];
  readonly refusals: readonly Refusal[];
}

/** Thrown inside the planning of one operation, never further: it becomes a {@link Refusal}. */
export class RefusedRepair extends Error {
  readonly id: RefusalId;
  readonly data: Record<string, Json>;

  constructor(id: RefusalId, data: Record<string, Json> = {}) {
    super(id);
    this.id = id;
    this.data = data;
  }
}
