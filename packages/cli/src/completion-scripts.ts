/** Shells that completions are made for. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

/** One of them. */
export type Shell = (typeof SHELLS)[number];

// Each script asks `deadbox complete -- WORD...` (the last word is the one under the cursor) and gets a first line,
// `files` (the shell's own file names
// too) or `words`, and then a candidate a line: value, tab, description. Candidates come from disks, too: no script
// evaluates what it was given.

const BASH = `# deadbox completion for bash: source this file, or put it into ~/.local/share/bash-completion/completions/deadbox
_deadbox() {
  local cur=\${COMP_WORDS[COMP_CWORD]} kind line
  local -a lines
  mapfile -t lines < <(deadbox complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
  kind=\${lines[0]-}
  COMPREPLY=()
  for line in "\${lines[@]:1}"; do
    # Readline quotes what a shell would act on, except for $.
    [[ $line == *'$'* ]] || COMPREPLY+=("\${line%%$'\\t'*}")
  done
  if [[ $kind == files ]]; then
    compopt -o filenames
    while IFS= read -r line; do COMPREPLY+=("$line"); done < <(compgen -f -- "$cur")
  fi
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == */ ]] && compopt -o nospace
  compopt -o filenames
  return 0
}
complete -F _deadbox deadbox
`;

const ZSH = `#compdef deadbox
# deadbox completion for zsh: source this file after compinit, or put it as _deadbox into a folder of $fpath
_deadbox() {
  local -a lines described
  local line value
  lines=("\${(@f)$(deadbox complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  for line in "\${(@)lines[2,-1]}"; do
    value=\${line%%$'\\t'*}
    if [[ $value == */ ]]; then compadd -S '' -- "$value"
    else described+=("\${value//:/\\\\:}:\${line#*$'\\t'}"); fi
  done
  (( \${#described} )) && _describe deadbox described
  [[ \${lines[1]} == files ]] && _files
  return 0
}
compdef _deadbox deadbox
`;

const FISH = `# deadbox completion for fish: put this file into ~/.config/fish/completions/deadbox.fish
function __deadbox_complete
  set -l words (commandline -opc)[2..-1] (commandline -ct)
  set -l lines (deadbox complete -- $words 2>/dev/null)
  test (count $lines) -gt 1; and printf '%s\\n' $lines[2..-1]
  test "$lines[1]" = files; and __fish_complete_path (commandline -ct)
end
complete -c deadbox -f -a '(__deadbox_complete)'
`;

const POWERSHELL = `# deadbox completion for PowerShell: deadbox completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName deadbox -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { "$_".Trim("'", '"') }) + @($wordToComplete)
  $lines = @(& deadbox complete -- @words 2>$null)
  foreach ($line in $lines | Select-Object -Skip 1) {
    $value, $text = $line -split "\`t", 2
    $shown = if ($value -match "[^\\w./:#=+-]") { "'" + $value.Replace("'", "''") + "'" } else { $value }
    [System.Management.Automation.CompletionResult]::new($shown, $value, 'ParameterValue', $(if ($text) { $text } else { $value }))
  }
  if ($lines.Count -gt 0 -and $lines[0] -eq 'files') {
    [System.Management.Automation.CompletionCompleters]::CompleteFilename($wordToComplete)
  }
}
`;

/** The script of each shell. */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH, powershell: POWERSHELL };
