// The questions of the system's ssh, put to a person: ssh runs a script of ours for each, in a private folder, which hands it over and waits.
import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Question, QuestionAnswer } from '../../app/contract/questions.ts';
import type { SshHop } from './ssh-route.ts';
import type { Step } from './stages.ts';
import type { Surroundings } from './transport.ts';

/** The script opens its pipe before it asks, so that nobody ever waits at the other end of it. Ssh's hints to touch a key need no answer. */
const scriptOf = (word: string): string => `#!/bin/sh
[ "$SSH_ASKPASS_PROMPT" = none ] && exit 0
cd "\${0%/*}" || exit 1
umask 077
mkfifo "answer.$$" || exit 1
exec 3<>"answer.$$"
rm -f "question.$$"
printf '%s' "$1" > "question.$$"
echo "${word} $$" >&2
IFS= read -r answer <&3
rm -f "answer.$$" "question.$$"
case $answer in =*) printf '%s\\n' "\${answer#=}";; *) exit 1;; esac
`;

/** One person's answers to one ssh. */
export class Askpass {
  readonly #folder: string;
  readonly #hop: SshHop;
  readonly #asked = new Map<string, number>();
  /** Only the script knows it: a server's banner, which comes the same way, cannot ask. */
  readonly word = `guestdeck:${randomUUID()}`;
  /** Whether a key that was accepted is to be kept. */
  keepsHostKey = false;
  hostKeyDeclined = false;

  private constructor(folder: string, hop: SshHop) {
    this.#folder = folder;
    this.#hop = hop;
  }

  /** Writes the script into a folder that nobody else may enter. */
  static async in(folder: string, hop: SshHop): Promise<Askpass> {
    const askpass = new Askpass(folder, hop);
    await writeFile(askpass.#script, scriptOf(askpass.word), { mode: 0o700 });
    return askpass;
  }

  get #script(): string {
    return join(this.#folder, 'askpass');
  }

  /** For ssh's environment; DISPLAY is for those before 8.4, which ask by a program only where they believe in a screen. */
  environment(env: Surroundings['env']): Surroundings['env'] {
    return { ...env, SSH_ASKPASS: this.#script, SSH_ASKPASS_REQUIRE: 'force', DISPLAY: env['DISPLAY'] ?? ':0' };
  }

  /** Asks what a script wants to know, `process` being its number, and answers it. */
  async answer(process: string, step: Step): Promise<void> {
    const prompt = await readFile(join(this.#folder, `question.${process}`), 'utf8');
    const answer = await this.#ask(prompt, step);
    const pipe = await open(join(this.#folder, `answer.${process}`), constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      await pipe.write(answer === undefined ? '!\n' : `=${answer}\n`);
    } finally {
      await pipe.close();
    }
  }

  /** The text to type, or undefined when there is none. */
  async #ask(prompt: string, step: Step): Promise<string | undefined> {
    const question = questionOf(prompt, this.#hop, this.#asked.get(prompt) !== undefined);
    this.#asked.set(prompt, 1);
    const answer = await step.ask(question);
    if (question.kind === 'hostKey') {
      this.hostKeyDeclined = answer.kind !== 'hostKey';
      this.keepsHostKey ||= answer.kind === 'hostKey' && answer.accept === 'always';
      return answer.kind === 'hostKey' ? 'yes' : 'no';
    }
    // A line is all that ssh reads.
    return typed(answer)?.split(/[\r\n]/)[0];
  }
}

function typed(answer: QuestionAnswer): string | undefined {
  if (answer.kind === 'password') return answer.password;
  if (answer.kind === 'passphrase') return answer.passphrase;
  return answer.kind === 'prompts' ? answer.answers[0] : undefined;
}

/** What OpenSSH asks, in its own English, as our questions; whatever else it is, is shown as it stands. */
export function questionOf(prompt: string, { host, port, user }: Pick<SshHop, 'host' | 'port' | 'user'>, again: boolean): Question {
  const authenticity = /^The authenticity of host '([^' ]+)[^']*' can't be established[\s\S]*?(\S+) key fingerprint is (SHA256:\S+?)\.?\s/.exec(prompt);
  if (authenticity !== null) {
    const [, , kind = '', sha256 = ''] = authenticity;
    const keyType = ({ ED25519: 'ssh-ed25519', RSA: 'ssh-rsa' } as Readonly<Record<string, string>>)[kind] ?? kind;
    return { kind: 'hostKey', host, port, keyType, sha256 };
  }
  const passphrase = /^Enter passphrase for (?:key )?'?(.+?)'?: ?$/.exec(prompt);
  if (passphrase !== null) return { kind: 'passphrase', keyFile: passphrase[1] ?? '', again };
  const password = /^(?:\(.*\) )?(.+)@(.+)'s password: ?$/.exec(prompt);
  if (password !== null) return { kind: 'password', user: password[1] ?? user, host: password[2] ?? host, again };
  return { kind: 'prompts', user, host, name: '', instructions: '', prompts: [{ text: prompt, echo: false }] };
}
