// Values to begin with, by a name of the user's own: chosen at the top of a form, or saved from what it holds.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import TextField from '@mui/material/TextField';
import { type ReactNode, useState } from 'react';
import { certificates as section } from '../../../app/contract/certificates.ts';
import type { CertificateKind } from '../../../app/pki/profiles.ts';
import { useApi, useAsk } from '../../api/api.tsx';
import { RefusalCard } from '../../ui/refusal-card.tsx';
import { useAct } from './act.ts';
import type { TypedLife } from './fields.tsx';
import { daysOf, partsOf, problemsOf, type TypedSubject, typedOf } from './form.ts';
import { ChoiceRow, Row } from './rows.tsx';

interface Filled {
  readonly subject: TypedSubject;
  readonly life: TypedLife;
}

export const ProfileRow = ({ kind, subject, life, disabled, onProfile }: Filled & { readonly kind: CertificateKind; readonly disabled: boolean; readonly onProfile: (filled: Filled) => void }): ReactNode => {
  const { client } = useApi();
  const act = useAct();
  const profiles = (useAsk('certificates', 'profiles', {}).data ?? []).filter((one) => one.kind === kind);
  const [chosen, setChosen] = useState('');
  const [name, setName] = useState<string | null>(null);
  const profile = { name: name ?? '', kind, subject: partsOf({ ...subject, CN: '' }), keyBits: life.keyBits, days: daysOf(life.days) ?? 0, clientAuth: false };
  const wrong = problemsOf(section.asks.saveProfile.takes, { profile }).size > 0;
  const choose = (value: string): void => {
    setChosen(value);
    const found = profiles.find((one) => one.name === value);
    if (found !== undefined) onProfile({ subject: typedOf(found.subject), life: { keyBits: found.keyBits, days: `${found.days}` } });
  };
  return (
    <>
      {profiles.length > 0 && <ChoiceRow label="Profile" value={profiles.some((one) => one.name === chosen) ? chosen : ''} disabled={disabled} choices={[{ value: '', label: 'None' }, ...profiles.map((one) => ({ value: one.name, label: one.name }))]} onChange={choose} />}
      <Row label="">
        <Box sx={{ display: 'flex', flexWrap: 'wrap', gap: 1, alignItems: 'center' }}>
          {name === null
            ? <Button variant="text" disabled={disabled} onClick={() => setName('')} sx={{ ml: '-8px', px: 1 }}>Save what is filled in as a profile</Button>
            : (
              <>
                <TextField autoFocus label="Name of the profile" value={name} onChange={(event) => setName(event.target.value)} />
                <Button loading={act.busy} disabled={disabled || wrong} onClick={() => act.run(async () => {
                  await client.ask('certificates', 'saveProfile', { profile });
                  setName(null);
                })}>Save profile</Button>
                <Button variant="text" onClick={() => setName(null)}>Do not save</Button>
              </>
            )}
          {chosen !== '' && name === null && <Button variant="text" disabled={disabled} onClick={() => act.run(async () => {
            await client.ask('certificates', 'removeProfile', { name: chosen });
            setChosen('');
          })}>Remove profile {chosen}</Button>}
        </Box>
        {act.refusal !== null && <RefusalCard refusal={act.refusal} />}
      </Row>
    </>
  );
};
