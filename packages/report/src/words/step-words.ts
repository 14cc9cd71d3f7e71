import type { ScanStepId } from '@deadbox/triage';
import type { Sentence } from './facts.js';

/** One sentence for each step that the scan itself advises, with exact commands; a rule's steps bring their own words. */
export type StepWords = Readonly<Record<ScanStepId, Sentence>>;
