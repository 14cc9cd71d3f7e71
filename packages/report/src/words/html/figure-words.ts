import type { PartitionRole } from '@deadbox/partitions';
import type { Part, Phrase } from '../../document/phrase.js';

/** A link of the chain from the firmware to the logon. */
export type ChainLink = 'disk' | 'firmware' | 'boot-manager' | 'store' | 'loader' | 'kernel' | 'session' | 'logon';

/** What is known of a link: `beyond` a broken one nothing is reached. */
export type LinkState = 'sound' | 'broken' | 'doubtful' | 'beyond' | 'not-checked';

/** Words of the pictures: map of the disk, boot chain, time line. */
export interface FigureWords {
  readonly map: {
    readonly title: string;
    /** Said by a screen reader for the picture. */
    description(volumes: number, size: string): string;
    readonly roles: Readonly<Record<PartitionRole, string>>;
    readonly unallocated: string;
    /** Said where a partition would be too narrow to be seen. */
    readonly notToScale: string;
    readonly columns: Readonly<Record<'number' | 'role' | 'content' | 'size' | 'offset' | 'state', string>>;
    readonly locked: string;
    readonly unlocked: string;
    readonly unreadable: string;
    readonly healthy: string;
    readonly noVolumes: string;
    findings(count: number): string;
  };
  readonly chain: {
    readonly title: string;
    readonly links: Readonly<Record<ChainLink, string>>;
    readonly states: Readonly<Record<LinkState, string>>;
    partition(number: number): string;
  };
  readonly incident: {
    readonly title: string;
    arrived(name: Part): Phrase;
    removed(name: Part): Phrase;
    readonly lastShutdown: Phrase;
    /** A crash. @param code - stop code with its name; @param module - the driver that it names */
    crashed(code: Part | undefined, module: Part | undefined): Phrase;
    /** Time between two moments. */
    later(span: string): string;
    more(count: number): Phrase;
  };
  readonly evidence: {
    readonly title: string;
    readonly columns: Readonly<Record<'what' | 'onDisk' | 'inFile' | 'bytes', string>>;
    readonly none: string;
  };
}
