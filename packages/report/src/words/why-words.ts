import type { OnDisk } from '@deadbox/triage/why';
import type { Part, Phrase } from '../document/phrase.js';

/** Codes of which it is said what they mean: all that a start is known to fail with. */
export type ExplainedCode =
  | '0x00000024'
  | '0x0000004E'
  | '0x00000050'
  | '0x00000051'
  | '0x0000005A'
  | '0x0000005C'
  | '0x00000067'
  | '0x0000006B'
  | '0x00000071'
  | '0x00000074'
  | '0x0000007A'
  | '0x0000007B'
  | '0x0000007E'
  | '0x000000C4'
  | '0x000000C9'
  | '0x000000D1'
  | '0x000000E6'
  | '0x000000ED'
  | '0x000000EF'
  | '0x000000F4'
  | '0x800719E4'
  | '0xC0000001'
  | '0xC000000E'
  | '0xC000000F'
  | '0xC0000011'
  | '0xC0000017'
  | '0xC0000032'
  | '0xC0000034'
  | '0xC000007B'
  | '0xC000007F'
  | '0xC0000098'
  | '0xC00000BA'
  | '0xC00000BB'
  | '0xC00000E9'
  | '0xC0000102'
  | '0xC0000135'
  | '0xC0000142'
  | '0xC000014C'
  | '0xC000014F'
  | '0xC0000185'
  | '0xC0000218'
  | '0xC000021A'
  | '0xC0000221'
  | '0xC0000225'
  | '0xC00002E1'
  | '0xC00002E2'
  | '0xC0000359'
  | '0xC0000411'
  | '0xC0000428'
  | '0xC0000605'
  | '0xC0430001'
  | '0xC0E90002';

/** What `why` says. */
export interface WhyWords {
  /** What each code means. */
  readonly codes: Readonly<Record<ExplainedCode, string>>;
  readonly kinds: { readonly status: string; readonly 'stop-code': string; readonly text: string };
  /** Above the list of causes. */
  causes(count: number): Phrase;
  readonly noCause: Phrase;
  readonly unknownCode: Phrase;
  readonly screen: string;
  readonly proof: string;
  readonly remedy: string;
  /** Beside a cause, where a disk was asked. */
  readonly onDisk: Readonly<Record<OnDisk, string>>;
  /** What the disk says, in one sentence. */
  answer(image: Part, proven: number, found: number, undecided: number): Phrase;
  /** A rule's cause has the words of its rule. */
  readonly ofRule: string;
}
