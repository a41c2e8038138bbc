// Sets the password of a running guest's display, and until when it counts.
import Checkbox from '@mui/material/Checkbox';
import FormControlLabel from '@mui/material/FormControlLabel';
import { type ReactNode, useState } from 'react';
import { type Display, longestPassword } from '../../../../app/xml/displays.ts';
import { useApi } from '../../../api/api.tsx';
import { dateTime } from '../../../ui/time.ts';
import { useAct } from '../../certificates/act.ts';
import { AskDialog } from '../../certificates/ask-dialog.tsx';
import { ChoiceRow, TextRow } from '../../certificates/rows.tsx';

const minute = 60_000;
/** How long it counts, in milliseconds. */
const lives = [
  { value: 'ever', label: 'For ever', life: null },
  { value: '5m', label: 'For 5 minutes', life: 5 * minute },
  { value: '1h', label: 'For an hour', life: 60 * minute },
  { value: '8h', label: 'For 8 hours', life: 480 * minute },
  { value: '7d', label: 'For a week', life: 7 * 1440 * minute },
] as const;

export const DisplayPassword = ({ guest: { host, uuid, name }, display, persistent, onClose }: {
  readonly guest: { readonly host: string; readonly uuid: string; readonly name: string };
  readonly display: Display;
  /** Whether there is a saved definition that could have it. */
  readonly persistent: boolean;
  readonly onClose: () => void;
}): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const [password, setPassword] = useState('');
  const [repeated, setRepeated] = useState('');
  const [life, setLife] = useState<string>('ever');
  const [saved, setSaved] = useState(persistent);
  const most = longestPassword[display.type];
  const tooLong = most !== undefined && password.length > most ? `At most ${most} characters: the protocol has room for no more.` : null;
  const submit = (): void => {
    if (password === '' || tooLong !== null || password !== repeated) return;
    const chosen = lives.find(({ value }) => value === life)?.life ?? null;
    act.run(async () => {
      await client.ask('consoles', 'setDisplayPassword', { host, uuid, display: display.index, password, until: chosen === null ? null : Date.now() + chosen, saved: saved && persistent });
      onClose();
    });
  };
  return (
    <AskDialog title={`Password of the display of ${name}`} verb="Set the password" act={act} disabled={password === '' || tooLong !== null || password !== repeated} onClose={onClose} onSubmit={submit}>
      <TextRow label="Password" secret autoComplete="new-password" value={password} disabled={act.busy} problem={tooLong} hint="Asked for from the next connection on; who is connected stays. A display that was started without a password takes none before a restart." onChange={setPassword} />
      <TextRow label="Password again" secret autoComplete="new-password" value={repeated} disabled={act.busy} problem={repeated !== '' && repeated !== password ? 'Differs from the first.' : null} onChange={setRepeated} />
      <ChoiceRow label="It counts" value={life} disabled={act.busy} hint={`${display.passwordUntil === null ? '' : `The one that is set counts until ${dateTime(Date.parse(`${display.passwordUntil}Z`))}. `}After that nobody gets in until it is set anew.`} choices={lives} onChange={setLife} />
      {persistent && <FormControlLabel control={<Checkbox checked={saved} disabled={act.busy} onChange={({ target }) => setSaved(target.checked)} />} label="For later starts as well" />}
    </AskDialog>
  );
};
