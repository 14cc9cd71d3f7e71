// What the command line needs and other programs do not: no part of the versioned interface.

export { escapeCsv, escapeHtml, escapeText, jsonText } from './document/escape.js';
export { code, concat, data, phrase, text } from './document/phrase.js';
export { shellWord } from './document/shell-word.js';
export { bootChain, type ChainedDisk } from './figures/boot-chain.js';
export { diskMap, type MappedDisk } from './figures/disk-map.js';
export { evidenceTable } from './figures/evidence-table.js';
export { FIGURE_STYLE } from './figures/figure-style.js';
export { incidentLine } from './figures/incident-line.js';
export { imageText } from './forms/data-forms.js';
export { diskDetails } from './forms/html/disk-details.js';
export { type ConfigReport, configPage, type ShownSetting } from './help/config-page.js';
export {
  type ArgumentOutline,
  exitMeanings,
  type OptionOutline,
  optionText,
  programHelp,
  usageLine,
  type VerbOutline,
  verbHelp,
} from './help/help-page.js';
export type {
  ArgumentId,
  ExitTable,
  HelpWords,
  OptionGroup,
  OptionId,
  VerbGroup,
  VerbId,
} from './help/help-words.js';
export { type ManPageOptions, manPage } from './help/man-page.js';
export type { NoDefault, SettingFacts, SettingFault, SettingFaultId } from './help/settings/setting-words.js';
export type { VerboseWords } from './help/verbose/verbose-words.js';
export { type VersionReport, versionPage } from './help/version-page.js';
export { bootPage, type ShownElement, type ShownObject, type ShownStore } from './pages/boot-page.js';
export { errorPhrase, type Problem, problemPhrase } from './pages/error-phrases.js';
export { Reader } from './pages/page.js';
export { isUnexamined, type RepairOutcome, refusalPhrase, repairPage } from './pages/repair-page.js';
export { type LsColumns, type LsEntry, lsRow } from './pages/rows/ls-rows.js';
export { regRow } from './pages/rows/reg-rows.js';
export { ruleRow } from './pages/rules-page.js';
export { causeTitle } from './pages/start-blocks.js';
export { type UndoOutcome, undoPage } from './pages/undo-page.js';
export { type VerifyReport, verifyPage } from './pages/verify-page.js';
export { checkLines, targetText, type WalkPageOptions, walkPage } from './pages/walk/walk-page.js';
export { type WhyPageOptions, whyPage } from './pages/why-page.js';
export { clipPhrase } from './screen/clip-phrase.js';
export { fleetPage } from './screen/fleet-page.js';
export { countsLine, liveLines, type RunState, stateLine } from './screen/live-lines.js';
export { summaryTable, type TableRoom } from './screen/summary-table.js';
export { isImageReport } from './shape/image-report.js';
export type { CauseWords } from './words/cause-words.js';
export type { CallFault, OutputErrorCode, UsageFacts, UsageId, UsageProblem } from './words/error-words.js';
export { matchScreens } from './words/match-screens.js';
export { isTimeZone } from './words/times.js';
export { formatSize } from './words/units.js';
export type { WalkStepWords, WalkWords } from './words/walk/walk-words.js';
export type { WhyWords } from './words/why-words.js';
export { clipColumns, displayWidth } from './writers/display-width.js';
export { htmlPhrase } from './writers/html-writer.js';
export { textLine } from './writers/text-writer.js';
