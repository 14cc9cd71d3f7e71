import type { Json } from '@deadbox/core';

/** What a step of a walk shows; each answers one question, which `report` has in words. */
export type WalkStepId =
  | 'container-header'
  | 'container-entry'
  | 'mbr'
  | 'gpt-header'
  | 'partition-entry'
  | 'bitlocker-header'
  | 'bitlocker-metadata'
  | 'boot-sector'
  | 'mft'
  | 'folder-record'
  | 'index-root'
  | 'index-allocation'
  | 'index-block'
  | 'index-entry'
  | 'file-record'
  | 'attribute-list'
  | 'data-attribute'
  | 'content'
  | 'fat-boot-sector'
  | 'fat-entry'
  | 'hive-base-block'
  | 'hive-log'
  | 'key-node'
  | 'subkey-list'
  | 'value-list'
  | 'key-value'
  | 'value-data'
  | 'boot-log-header'
  | 'boot-log-entry'
  | 'evidence';

/** A number that a pointer is added up from. */
export type WalkTermId =
  | 'volume-start'
  | 'sector'
  | 'cluster'
  | 'in-run'
  | 'metadata-offset'
  | 'moved-start'
  | 'attribute'
  | 'entry'
  | 'entry-number'
  | 'bins-start'
  | 'cell'
  | 'data-area'
  | 'cluster-from-2'
  | 'root-directory'
  | 'record-start'
  | 'block-start';

/** One product of the sum that gives the place of the next step. */
export interface WalkTerm {
  readonly id: WalkTermId;
  readonly value: number;
  /** What `value` counts, in bytes; 1 for a number of bytes. */
  readonly times: number;
}

/** Where the next step lies, and how that follows from this one. */
export interface WalkPointer {
  /** What `to` counts in: bytes of the virtual disk, of the file that is being read, or of the image file. */
  readonly space: 'disk' | 'file' | 'image';
  readonly to: number;
  /** Their sum is `to`. */
  readonly terms: readonly WalkTerm[];
}

/** A field of a step's structures. */
export interface WalkField {
  /** Kind of the structure that has it, e.g. `file-record`. */
  readonly structure: string;
  readonly name: string;
  /** First byte, from the start of the step. */
  readonly at: number;
  readonly length: number;
  /** Hexadecimal text of its bytes, as the reader sees them. */
  readonly raw: string;
  readonly value: Json;
  /** Name of the value or of its set bits. */
  readonly text?: string;
  readonly meaning: string;
  /** Where the fact about the format comes from. */
  readonly source: string;
  /** The walk goes on by this field. */
  readonly key: boolean;
}

/** Bytes of a step that lie together, on the disk and in the image file. */
export interface WalkPiece {
  /** First byte, from the start of the step. */
  readonly at: number;
  readonly length: number;
  /** Byte of the virtual disk; `null` for bytes that only the image file has, or that lie nowhere. */
  readonly disk: number | null;
  /** The same place in the image file; `null` where the container compresses, leaves out or generates the bytes. */
  readonly file: { readonly path: string; readonly offset: number } | null;
}

/** How what is seen came of what is stored. */
export type WalkReading = 'verbatim' | 'fixup' | 'decrypted' | 'log';

/** One structure on the way. */
export interface WalkStep {
  /** From 1 on. */
  readonly number: number;
  readonly id: WalkStepId;
  /** The facts that its words need. */
  readonly data: Readonly<Record<string, Json>>;
  /** Byte of the virtual disk where it begins; `null` for a structure of the image file. */
  readonly offset: number | null;
  readonly length: number;
  /** Where its bytes lie, piece by piece. */
  readonly pieces: readonly WalkPiece[];
  readonly reading: WalkReading;
  /** Hexadecimal text of its bytes as they are read. */
  readonly bytes: string;
  /** The bytes as they are stored, where those differ; pieces that lie nowhere are zeros. */
  readonly stored: string | null;
  readonly fields: readonly WalkField[];
  /** Entries of the container's tables that lead to its first byte. */
  readonly map: readonly WalkMapEntry[];
  readonly next: WalkPointer | null;
}

/** An entry of a container's table that leads to a step's bytes. */
export interface WalkMapEntry {
  readonly kind: 'block-table' | 'directory' | 'table';
  readonly file: { readonly path: string; readonly offset: number };
  readonly length: number;
  /** Hexadecimal text. */
  readonly bytes: string;
  /** Bytes of the disk that it describes. */
  readonly span: number;
}

/** What a walk leads to. */
export type WalkTarget =
  | { readonly kind: 'file'; readonly volume?: number; readonly path: string }
  /** `hive` is a path on the volume; `value` absent for the key itself. */
  | {
      readonly kind: 'registry';
      readonly volume?: number;
      readonly hive: string;
      readonly key: string;
      readonly value?: string;
    }
  /** The record of the boot manager's log that tells the last failure, else the last record. */
  | { readonly kind: 'boot-log'; readonly volume?: number }
  /** Bytes of the disk that prove something. */
  | {
      readonly kind: 'place';
      readonly volume?: number;
      readonly offset: number;
      readonly length: number;
      readonly what: string;
    };

/** The way from sector 0 to a byte. */
export interface Walk {
  readonly schema: 'deadbox.walk/1';
  readonly image: { readonly path: string; readonly format: string; readonly variant: string; readonly size: number };
  readonly target: WalkTarget;
  readonly steps: readonly WalkStep[];
  /** Whether the last step is what was asked for; else the walk ends where the way is broken or locked. */
  readonly reached: boolean;
  /** Why the way ends early: code and text of the error, or that there is no such name. */
  readonly end: { readonly code: string; readonly message: string } | null;
}
