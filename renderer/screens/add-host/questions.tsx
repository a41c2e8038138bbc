// What connecting asks a person, one dialog at a time: the host's key, a password, a passphrase, a server's own prompts.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import Dialog from '@mui/material/Dialog';
import DialogActions from '@mui/material/DialogActions';
import DialogContent from '@mui/material/DialogContent';
import DialogTitle from '@mui/material/DialogTitle';
import TextField from '@mui/material/TextField';
import Typography from '@mui/material/Typography';
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import type { Connection } from '../../../app/contract/connections.ts';
import type { Gives } from '../../../app/contract/contract.ts';
import type { Lasting, Question, QuestionAnswer } from '../../../app/contract/questions.ts';
import { refusalOf, useApi, useAsk } from '../../api/api.tsx';
import { Facts } from '../../ui/card.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { monospace } from '../../ui/theme.ts';
import { Tick } from '../../ui/tick.tsx';

type Of<K extends Question['kind']> = Extract<Question, { kind: K }>;

interface AskedProps<K extends Question['kind']> {
  readonly question: Of<K>;
  readonly onAnswer: (answer: QuestionAnswer) => void;
  /** Whether to remember the answer; null where it is good for once only. */
  readonly tick: ReactNode;
}

const HostKey = ({ question, onAnswer }: AskedProps<'hostKey'>): ReactNode => (
  <>
    <DialogContent>
      <Typography sx={{ mb: 2 }}>The key of {question.host} is not known yet. Compare it with the one the host itself shows, for example with <code>ssh-keygen -lf</code> there.</Typography>
      <Facts facts={[
        ['Host', `${question.host}, port ${question.port}`],
        ['Kind', question.keyType],
        ['Fingerprint', <Box key="sha" component="code" sx={{ fontFamily: monospace, fontSize: 12 }}>{question.sha256}</Box>],
        ...(question.md5 === undefined ? [] : [['MD5', <Box key="md5" component="code" sx={{ fontFamily: monospace, fontSize: 12 }}>{question.md5}</Box>] as const]),
      ]} />
    </DialogContent>
    <DialogActions>
      <Button autoFocus onClick={() => onAnswer({ kind: 'declined' })}>Refuse</Button>
      <Button onClick={() => onAnswer({ kind: 'hostKey', accept: 'once' })}>Accept once</Button>
      <Button variant="contained" color="primary" onClick={() => onAnswer({ kind: 'hostKey', accept: 'always' })}>Accept always</Button>
    </DialogActions>
  </>
);

interface Line {
  readonly label: string;
  readonly secret: boolean;
  /** What is known already. */
  readonly text?: string | undefined;
}

/** A form of one or more lines to fill in. */
const Lines = ({ intro, again, lines, tick, verb, onLines, onDecline }: {
  readonly intro: string;
  readonly again: boolean;
  readonly lines: readonly Line[];
  readonly tick: ReactNode;
  readonly verb: string;
  readonly onLines: (texts: readonly string[]) => void;
  readonly onDecline: () => void;
}): ReactNode => {
  const [texts, setTexts] = useState<readonly string[]>(lines.map(({ text = '' }) => text));
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onLines(texts);
  };
  return (
    <form onSubmit={submit}>
      <DialogContent sx={{ display: 'grid', gap: 2 }}>
        {intro !== '' && <Typography sx={{ whiteSpace: 'pre-line' }}>{intro}</Typography>}
        {again && <Typography role="alert" sx={{ color: 'error.main' }}>That was not accepted.</Typography>}
        {lines.map(({ label, secret }, index) => (
          <TextField
            key={`${index} ${label}`}
            autoFocus={index === Math.max(0, lines.findIndex(({ text = '' }) => text === ''))}
            label={label}
            type={secret ? 'password' : 'text'}
            autoComplete="off"
            value={texts[index] ?? ''}
            onChange={(event) => setTexts(texts.map((text, at) => (at === index ? event.target.value : text)))}
          />
        ))}
        {tick}
      </DialogContent>
      <DialogActions>
        <Button onClick={onDecline}>Cancel</Button>
        <Button type="submit" variant="contained" color="primary">{verb}</Button>
      </DialogActions>
    </form>
  );
};

const decline: QuestionAnswer = { kind: 'declined' };

const asked: { readonly [K in Question['kind']]: { readonly title: (question: Of<K>) => string; readonly Body: (props: AskedProps<K>) => ReactNode } } = {
  hostKey: { title: () => 'Is this the right host?', Body: HostKey },
  password: {
    title: ({ user, host }) => `Password of ${user} on ${host}`,
    Body: ({ question, onAnswer, tick }) => <Lines tick={tick} intro="" again={question.again} lines={[{ label: 'Password', secret: true }]} verb="Log in" onDecline={() => onAnswer(decline)} onLines={([password = '']) => onAnswer({ kind: 'password', password })} />,
  },
  passphrase: {
    title: () => 'Passphrase of a private key',
    Body: ({ question, onAnswer, tick }) => <Lines tick={tick} intro={question.of === undefined ? question.keyFile : `${question.of}\n${question.keyFile}`} again={question.again} lines={[{ label: 'Passphrase', secret: true }]} verb="Unlock" onDecline={() => onAnswer(decline)} onLines={([passphrase = '']) => onAnswer({ kind: 'passphrase', passphrase })} />,
  },
  credentials: {
    title: ({ host }) => `User of libvirt on ${host}`,
    Body: ({ question, onAnswer, tick }) => (
      <Lines
        tick={tick}
        intro={`libvirt asks for a user name and password of its own (${question.mechanism}).`}
        again={question.again}
        lines={[{ label: 'User', secret: false, text: question.user }, { label: 'Password', secret: true }]}
        verb="Log in"
        onDecline={() => onAnswer(decline)}
        onLines={([user = '', password = '']) => onAnswer({ kind: 'credentials', user, password })}
      />
    ),
  },
  sudo: {
    title: ({ user, host }) => `Password of ${user} for sudo on ${host}`,
    Body: ({ question, onAnswer, tick }) => <Lines tick={tick} intro="" again={question.again} lines={[{ label: 'Password', secret: true }]} verb="Run" onDecline={() => onAnswer(decline)} onLines={([password = '']) => onAnswer({ kind: 'sudo', password })} />,
  },
  prompts: {
    title: ({ name, user, host }) => (name === '' ? `${user} on ${host}` : name),
    Body: ({ question, onAnswer, tick }) => (
      <Lines tick={tick} intro={question.instructions} again={question.again === true} lines={question.prompts.map(({ text, echo }) => ({ label: text, secret: !echo }))} verb="Answer" onDecline={() => onAnswer(decline)} onLines={(answers) => onAnswer({ kind: 'prompts', answers: [...answers] })} />
    ),
  },
};

const titleOf = <K extends Question['kind']>(question: Of<K>): string => asked[question.kind].title(question);

const Body = <K extends Question['kind']>({ question, ...props }: AskedProps<K>): ReactNode => {
  const { Body: Kind } = asked[question.kind];
  return <Kind question={question} {...props} />;
};

const RememberTick = ({ lasting, checked, onChange }: { readonly lasting: Lasting; readonly checked: boolean; readonly onChange: (checked: boolean) => void }): ReactNode => {
  const { data: storage } = useAsk('credentials', 'storage', {});
  const where = storage?.available === true ? storage.name : 'the safe storage of this computer';
  const effect = lasting === 'kept'
    ? `Kept encrypted by ${where}, and forgotten when it is refused.`
    : `Kept until Guestdeck is closed, and forgotten when it is refused.${storage?.available === false ? ` ${storage.why}` : ''}`;
  return <Tick label="Remember" effect={effect} checked={checked} onChange={onChange} />;
};

const AskedDialog = ({ open: { id, question, canRemember }, host }: { readonly open: Gives<'connections', 'questions'>[number]; readonly host: string | undefined }): ReactNode => {
  const { client } = useApi();
  const [error, setError] = useState<unknown>(null);
  const [remember, setRemember] = useState(false);
  const title = useId();
  // Not a mutation: its cache would keep the secret.
  const send = (answer: QuestionAnswer): void => {
    setError(null);
    client.ask('connections', 'answer', { id, answer, ...(remember && { remember }) }).catch(setError);
  };
  return (
    <Dialog open onClose={() => send(decline)} aria-labelledby={title} maxWidth="sm" fullWidth>
      <DialogTitle id={title}>
        {titleOf(question)}
        {host !== undefined && <Box component="span" sx={{ color: 'text.secondary', fontWeight: 400, ml: 1 }}>connecting to {host}</Box>}
      </DialogTitle>
      {error !== null && <Box sx={{ px: 2.5 }}><RefusalCard refusal={refusalOf(error)} /></Box>}
      <Body question={question} onAnswer={send} tick={canRemember === null ? null : <RememberTick lasting={canRemember} checked={remember} onChange={setRemember} />} />
    </Dialog>
  );
};

export const Questions = ({ connections }: { readonly connections: readonly Connection[] }): ReactNode => {
  const { data } = useAsk('connections', 'questions', {});
  const first = data?.[0];
  return first === undefined ? null : <AskedDialog key={first.id} open={first} host={connections.find(({ id }) => id === first.host)?.name} />;
};
