// Steps that change a host, each noted in a small file there before it is taken, so that whoever comes next can take all of them back.
import { shellWord } from '../../app/domain/virsh.ts';
import type { Said, Shell } from './shell.ts';

/** Where the journal of root's changes lies; readable by root alone. */
export const rootJournal = '/var/lib/guestdeck';

/** One change to a host. Paths are absolute, resolved, and hold no control characters. */
export type HostStep =
  | { readonly kind: 'folder'; readonly path: string; readonly owner: string; readonly mode: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      /** `user:group`; empty = whoever runs the step. */
      readonly owner: string;
      /** Octal. */
      readonly mode: string;
      /** What is there from then on, or the file on the host that is copied. */
      readonly content: Uint8Array | { readonly from: string };
      /** Where the file that is replaced stays, the very same file with owner, mode and times; null where there is none yet. */
      readonly backup: string | null;
    }
  | {
      readonly kind: 'units';
      readonly service: string;
      /** Sockets of the service, whose state is put back with it. */
      readonly sockets: readonly string[];
      /** The socket that is to listen from now on and after each start of the host; null = the service is only restarted. */
      readonly enable: string | null;
    };

/** One line of a journal that was found. */
export interface Noted {
  /** The number of the step it belongs to, from 0. */
  readonly step: number;
  readonly what: string;
}

/** What came of taking one noted line back; `left` says why it could not be. */
export interface TakenBack {
  readonly step: number;
  readonly left: string | null;
}

const isOpen = 75;
const isForeign = 76;

/** What every script begins with: the journal of this folder, held by one script at a time, and a line added to it that is on the disk when the function ends. */
const prelude = (folder: string): string => [
  'LC_ALL=C; export LC_ALL; umask 077',
  `d=${shellWord(folder)}; j=$d/journal`,
  // A script that the connection left behind may still be at work; it is waited for.
  'hold() { if command -v flock >/dev/null 2>&1; then exec 9<"$d" && flock -w 300 9; fi; }',
  'settle() { sync "$@" 2>/dev/null || sync; }',
  // printf builds the line whole: what is torn by a full disk has no end of line and does not count.
  'note() { printf "$@" >> "$j" && settle "$j"; }',
].join('\n');

/** Opens a journal. Code 75 = one is open already, of a change that was not brought to its end. */
export const beginScript = (folder: string, stamp: string): string => `${prelude(folder)}
set -e
mkdir -p "$d"; chmod 700 "$d"; hold
if [ -e "$j" ]; then exit ${isOpen}; fi
printf 'guestdeck 1 %s\\n' ${shellWord(stamp)} > "$j.new" && settle "$j.new" && mv "$j.new" "$j" || { rm -f "$j.new"; rmdir "$d" 2>/dev/null || :; exit 1; }`;

/** Takes one step of the change with this stamp. Content comes on the input. Code 76 = the journal is not of this change any more. */
export function stepScript(folder: string, stamp: string, number: number, step: HostStep): string {
  return `${prelude(folder)}
set -e
[ -d "$d" ] || exit ${isForeign}
hold
[ "$(head -n 1 "$j" 2>/dev/null)" = ${shellWord(`guestdeck 1 ${stamp}`)} ] || exit ${isForeign}
n=${number}
${workOf(step, stamp)}`;
}

function workOf(step: HostStep, stamp: string): string {
  if (step.kind === 'folder') {
    return `p=${shellWord(step.path)}
[ ! -e "$p" ] || ${occupied}
note '%s\\tfolder\\t%s\\n' $n "$p"
mkdir "$p"
${owning(step.owner, '"$p"')}
chmod ${step.mode} "$p"
${labelling}`;
  }
  if (step.kind === 'file') {
    const { path, backup, content } = step;
    const isHere = content instanceof Uint8Array;
    return `p=${shellWord(path)}; t=${shellWord(`${path}.${stamp}.new`)}; b=${shellWord(backup ?? '')}
${backup === null ? `[ ! -e "$p" ] || ${occupied}` : '[ -e "$p" ] && [ ! -e "$b" ]'}
note '%s\\tfile\\t%s\\t%s\\t%s\\n' $n "$p" "$t" "$b"
${isHere ? 'cat > "$t"' : `cat < ${shellWord(content.from)} > "$t"`}
${isHere ? `[ "$(wc -c < "$t")" -eq ${content.length} ] || { echo 'The content did not arrive whole.' >&2; exit 1; }` : ''}
${owning(step.owner, '"$t"')}
chmod ${step.mode} "$t"
settle "$t"
${backup === null ? '' : 'ln "$p" "$b"'}
mv -f "$t" "$p"
${labelling}
settle "\${p%/*}"`;
  }
  const { service, sockets, enable } = step;
  return `for u in ${[...sockets, service].map(shellWord).join(' ')}; do
  note '%s\\tunit\\t%s\\t%s\\t%s\\n' $n "$u" "$(systemctl is-active "$u" || :)" "$(systemctl is-enabled "$u" 2>/dev/null || :)"
done
s=${shellWord(service)}
explain() { c=$?; echo "$s did not start. Its journal says:" >&2; journalctl --quiet --no-pager --output=cat --priority=err --lines=3 --unit="$s" >&2 2>/dev/null || :; exit $c; }
${enable === null ? '' : listening(enable)}
systemctl restart "$s" || explain`;
}

/** What it replaces is noted as nothing, and taken back it would be deleted. */
const occupied = '{ echo "$p is there by now." >&2; exit 1; }';

/** A socket begins to listen only while its service stands still; a client that comes by another socket may wake it in between. */
const listening = (socket: string): string => `k=${shellWord(socket)}
systemctl enable "$k"
if [ "$(systemctl is-active "$k" || :)" != active ]; then
  i=0
  until systemctl stop "$s" && systemctl start "$k"; do i=$((i + 1)); [ $i -lt 5 ] || exit 1; done
fi`;

const owning = (owner: string, what: string): string => (owner === '' ? ':' : `chown ${shellWord(owner)} ${what}`);
/** SELinux goes by labels, which a new file has of its folder only. */
const labelling = 'if command -v restorecon >/dev/null 2>&1; then restorecon "$p"; fi';

/**
 * Takes back what the journal tells, the last first, as often as it is called: services stand still meanwhile and are at the end as they
 * were. It prints a line for each; the journal goes when nothing is left. Nothing is done where there is no journal.
 */
export const undoScript = (folder: string): string => `${prelude(folder)}
[ -e "$j" ] || exit 0
hold || exit 1
[ -e "$j" ] || exit 0
left=0
tell() { if [ "$1" = 0 ]; then printf 'back\\t%s\\n' "$n"; else printf 'left\\t%s\\t%s\\n' "$n" "$(printf '%s' "$2" | tr '\\n\\t' '  ')"; fi; }
tab=$(printf '\\t')
# Only whole lines count.
lines() { sed -n '2,$p' "$j" | while IFS= read -r line; do printf '%s\\n' "$line"; done; }
reversed() { lines | sed -n '1!G;h;$p'; }
units=$(lines | grep "^[0-9]*\${tab}unit\${tab}" || :)
[ -z "$units" ] || printf '%s\\n' "$units" | cut -f 3 | grep '[.]service$' | while read -r u; do systemctl stop "$u" 2>/dev/null; done
work() {
  while IFS="$tab" read -r n k p t b; do
    case $k in
      folder) if [ -d "$p" ]; then said=$(rmdir "$p" 2>&1); else said=; fi; tell $? "$said";;
      file)
        said=$(set -e; if [ -e "$t" ]; then rm -f "$t" 2>&1; fi
          if [ -n "$b" ]; then if [ -e "$b" ]; then if [ "$b" -ef "$p" ]; then rm -f "$b" 2>&1; else mv -f "$b" "$p" 2>&1; fi; fi; elif [ -e "$p" ]; then rm -f "$p" 2>&1; fi); tell $? "$said";;
    esac
  done
}
out=$(reversed | work; printf .)
printf '%s' "\${out%.}"
case $out in *left*) left=1;; esac
if [ -n "$units" ]; then
  out=$(printf '%s\\n' "$units" | while IFS="$tab" read -r n k u a e; do
    said=$(set -e
      # Each of the two has systemd read all its units again.
      if [ "$(systemctl is-enabled "$u" 2>/dev/null || :)" != "$e" ]; then case $e in enabled) systemctl enable "$u" 2>&1;; disabled) systemctl disable "$u" 2>&1;; esac; fi
      systemctl reset-failed "$u" 2>/dev/null || :
      s=\${u%%[-.]*}.service
      if [ "$a" != active ]; then systemctl stop "$u" 2>&1
      elif [ "$u" = "$s" ]; then systemctl restart "$u" 2>&1
      elif [ "$(systemctl is-active "$u" || :)" != active ]; then systemctl stop "$s" 2>&1; systemctl start "$u" 2>&1; fi); tell $? "$said"
  done; printf .)
  printf '%s' "\${out%.}"
  case $out in *left*) left=1;; esac
fi
case "$left" in 0) rm -f "$j"; rmdir "$d" 2>/dev/null || :;; esac
exit 0`;

/** The change is to stay: its journal goes. `also`: files of the journal's folder that are needed no more. */
export const finishScript = (folder: string, stamp: string, also: readonly string[] = []): string => `${prelude(folder)}
set -e
[ -d "$d" ] || exit ${isForeign}
hold
[ "$(head -n 1 "$j" 2>/dev/null)" = ${shellWord(`guestdeck 1 ${stamp}`)} ] || exit ${isForeign}
rm -f "$j"
settle "$d"
${also.length === 0 ? '' : `rm -f ${also.map(shellWord).join(' ')}`}
rmdir "$d" 2>/dev/null || :`;

/** The journal that lies on the host; empty where none does. */
export const showScript = (folder: string): string => `${prelude(folder)}
if [ -e "$j" ]; then cat "$j"; fi`;

/** How a script of a journal ended that did not end well; null when it did. */
export function troubleOf({ code, stderr }: Said): { readonly why: 'open' | 'foreign' | 'failed'; readonly words: string } | null {
  if (code === 0) return null;
  const words = stderr.toString('utf8').trim().split('\n').slice(-4).join(' ').slice(-600);
  return { why: code === isOpen ? 'open' : code === isForeign ? 'foreign' : 'failed', words: words === '' ? `it ended with code ${code}` : words };
}

/** What a journal tells, and the moment it was opened as it was stamped; null where there is none. */
export function readJournal(text: string): { readonly stamp: string; readonly noted: readonly Noted[] } | null {
  const [first = '', ...rest] = text.split('\n');
  const [, stamp] = /^guestdeck 1 (\S+)$/.exec(first) ?? [];
  if (stamp === undefined) return null;
  return {
    stamp,
    noted: rest.slice(0, -1).flatMap((line): readonly Noted[] => {
      const [step = '', kind, what = ''] = line.split('\t');
      return kind === undefined ? [] : [{ step: Number(step), what: `${kind} ${what}` }];
    }),
  };
}

/** Takes a change back on a host; answers what came of each noted line. Throws Refused as the shell does. */
export async function takeBack(shell: Shell, folder: string, signal: AbortSignal): Promise<readonly TakenBack[]> {
  const { stdout } = await shell(undoScript(folder), { signal });
  return stdout.toString('utf8').split('\n').flatMap((line): readonly TakenBack[] => {
    const [word, step, words = ''] = line.split('\t');
    if (word !== 'back' && word !== 'left') return [];
    return [{ step: Number(step), left: word === 'left' ? words || 'no reason was told' : null }];
  });
}
