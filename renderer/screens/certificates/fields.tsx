// The fields that certificates have in common: a name in parts, names of a host, key and validity, a new passphrase.
import Autocomplete from '@mui/material/Autocomplete';
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import MuiChip from '@mui/material/Chip';
import TextField from '@mui/material/TextField';
import { mdiChevronDown, mdiChevronRight } from '@mdi/js';
import { type ReactNode, useId, useState } from 'react';
import { rsaKeyBits } from '../../../app/pki/profiles.ts';
import { alternativeName } from '../../../app/pki/subject.ts';
import { useAsk } from '../../api/api.tsx';
import { Icon } from '../../ui/icon.tsx';
import { monospace } from '../../ui/theme.ts';
import { Tick } from '../../ui/tick.tsx';
import { daysOf, momentsOf, namesIn, namesProblem, type Problems, subjectProblem, type TypedAttribute, type TypedDates, type TypedSubject } from './form.ts';
import { ChoiceRow, Row, TextRow } from './rows.tsx';

const folded = [['OU', 'Unit'], ['L', 'Locality'], ['ST', 'State or province'], ['C', 'Country']] as const satisfies readonly (readonly [TypedAttribute, string])[];

interface SubjectProps {
  readonly typed: TypedSubject;
  readonly problems: Problems;
  /** Where the name stands in what is asked. */
  readonly path: string;
  readonly disabled?: boolean;
  readonly onChange: (typed: TypedSubject) => void;
}

/** A name: organization and, unless it follows from elsewhere, the common name; the rest is folded away until something is in it. */
export const SubjectFields = ({ typed, problems, path, disabled = false, onChange, commonName, organizationHint }: SubjectProps & {
  /** What the common name is called; null = it has no field. */
  readonly commonName: { readonly label: string; readonly hint?: string } | null;
  readonly organizationHint?: string;
}): ReactNode => {
  const [opened, setOpened] = useState(false);
  const open = opened || folded.some(([attribute]) => typed[attribute] !== '');
  const id = useId();
  const line = (attribute: TypedAttribute, label: string, hint?: string): ReactNode => (
    <TextRow key={attribute} label={label} value={typed[attribute]} disabled={disabled} problem={subjectProblem(problems, path, typed, attribute)} hint={hint} onChange={(value) => onChange({ ...typed, [attribute]: value })} />
  );
  return (
    <>
      {commonName !== null && line('CN', commonName.label, commonName.hint)}
      {line('O', 'Organization', organizationHint)}
      <Box id={id} sx={{ display: 'grid', gap: '10px' }}>
        {open
          ? folded.map(([attribute, label]) => line(attribute, label))
          : <Row label=""><Box><Button variant="text" color="primary" aria-expanded={false} aria-controls={id} startIcon={<Icon path={open ? mdiChevronDown : mdiChevronRight} size={16} />} onClick={() => setOpened(true)} sx={{ ml: '-8px', px: 1 }}>Unit, locality, state, country</Button></Box></Row>}
      </Box>
    </>
  );
};

/** DNS names and addresses as chips; what cannot be one is red and said. */
export const NamesRow = ({ names, problems, path, disabled = false, hint, onChange }: {
  readonly names: readonly string[];
  readonly problems: Problems;
  readonly path: string;
  readonly disabled?: boolean;
  readonly hint: string;
  readonly onChange: (names: readonly string[]) => void;
}): ReactNode => {
  const [text, setText] = useState('');
  const id = useId();
  const problem = namesProblem(problems, path, names);
  const take = (typed: string): void => {
    onChange([...names, ...namesIn(typed)]);
    setText('');
  };
  return (
    <Row label="DNS names and IP addresses" htmlFor={id}>
      <Autocomplete
        id={id}
        multiple
        freeSolo
        disableClearable
        disabled={disabled}
        options={[]}
        value={[...names]}
        inputValue={text}
        onInputChange={(_, value, reason) => {
          if (reason === 'input' && /[\s,;]/.test(value)) take(value);
          else if (reason === 'input') setText(value);
        }}
        onChange={(_, value, reason) => {
          setText('');
          onChange(reason === 'createOption' ? value.flatMap(namesIn) : value);
        }}
        onBlur={() => {
          if (text.trim() !== '') take(text);
        }}
        renderValue={(values, itemProps) => values.map((name, index) => {
          const { key, ...props } = itemProps({ index });
          return <MuiChip key={key} {...props} size="small" label={name} {...('code' in alternativeName(name) && { color: 'error' as const, variant: 'outlined' as const })} sx={{ fontFamily: monospace, fontSize: 11 }} />;
        })}
        renderInput={(props) => <TextField {...props} placeholder={names.length === 0 ? 'atlas.example.net, 192.0.2.17' : 'add…'} error={problem !== null} helperText={problem ?? hint} slotProps={{ ...props.slotProps, htmlInput: { ...props.slotProps.htmlInput, spellCheck: false } }} />}
      />
    </Row>
  );
};

/** Key and validity as they were typed. */
export interface TypedLife {
  readonly keyBits: (typeof rsaKeyBits)[number];
  readonly days: string;
  /** In the place of days from now on; null = those. */
  readonly dates: TypedDates | null;
}

const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
/** The date on which something ends that begins now. */
export const endOf = (days: number): string => day.format(Date.now() + days * 86_400_000);

/** The same as a field of dates has it. */
const dateAfter = (days: number): string => {
  const end = new Date(Date.now() + days * 86_400_000);
  return `${end.getFullYear()}-${`${end.getMonth() + 1}`.padStart(2, '0')}-${`${end.getDate()}`.padStart(2, '0')}`;
};

/** What is asked of main with them: what is no number becomes one that the contract refuses. */
export const lifeOf = ({ keyBits, days, dates }: TypedLife): { readonly keyBits: TypedLife['keyBits']; readonly validity: { readonly days: number } | ReturnType<typeof momentsOf> } => ({ keyBits, validity: dates === null ? { days: daysOf(days) ?? 0 } : momentsOf(dates) });

export const DaysRow = ({ days, problems, disabled = false, onChange, hint }: { readonly days: string; readonly problems: Problems; readonly disabled?: boolean; readonly onChange: (days: string) => void; readonly hint?: string }): ReactNode => {
  const count = daysOf(days);
  const problem = count === null ? 'A whole number of days.' : problems.get('validity.days') ?? problems.get('days') ?? null;
  return <TextRow label="Valid for" value={days} disabled={disabled} problem={problem} hint={hint} end={`days${count === null || problem !== null ? '' : `, until ${endOf(count)}`}`} onChange={onChange} />;
};

const DatesRows = ({ dates, problems, disabled, onChange }: { readonly dates: TypedDates; readonly problems: Problems; readonly disabled: boolean; readonly onChange: (dates: TypedDates) => void }): ReactNode => (
  <>
    <TextRow label="Valid from" date value={dates.from} disabled={disabled} problem={problems.get('validity.notBefore') ?? null} hint="From now on where it is left out." onChange={(from) => onChange({ ...dates, from })} />
    <TextRow label="Valid until" date value={dates.until} disabled={disabled} problem={dates.until === '' ? 'A date is needed.' : problems.get('validity.notAfter') ?? null} hint="To the end of that day." onChange={(until) => onChange({ ...dates, until })} />
  </>
);

const keyHints: Readonly<Record<TypedLife['keyBits'], string>> = { 2048: 'RSA 2048, for old hosts', 3072: 'RSA 3072', 4096: 'RSA 4096, slower to connect' };

/** @param withDays false where somebody else decides how long it lasts. */
export const LifeRows = ({ life, problems, disabled = false, withDays = true, onChange }: { readonly life: TypedLife; readonly problems: Problems; readonly disabled?: boolean; readonly withDays?: boolean; readonly onChange: (life: TypedLife) => void }): ReactNode => (
  <>
    {withDays && (life.dates === null
      ? <DaysRow days={life.days} problems={problems} disabled={disabled} onChange={(days) => onChange({ ...life, days })} />
      : <DatesRows dates={life.dates} problems={problems} disabled={disabled} onChange={(dates) => onChange({ ...life, dates })} />)}
    {withDays && <Row label=""><Box><Button variant="text" color="primary" disabled={disabled} onClick={() => onChange({ ...life, dates: life.dates === null ? { from: '', until: dateAfter(daysOf(life.days) ?? 0) } : null })} sx={{ ml: '-8px', px: 1 }}>{life.dates === null ? 'From one date to another' : 'A number of days from now on'}</Button></Box></Row>}
    <ChoiceRow
      label="Key"
      value={`${life.keyBits}`}
      disabled={disabled}
      choices={rsaKeyBits.map((bits) => ({ value: `${bits}`, label: keyHints[bits] }))}
      onChange={(value) => onChange({ ...life, keyBits: rsaKeyBits.find((bits) => `${bits}` === value) ?? life.keyBits })}
    />
  </>
);

/** A passphrase that is made up now, typed twice. */
export interface NewPassphrase {
  readonly passphrase: string;
  readonly repeated: string;
  readonly remember: boolean;
}

export const noPassphrase: NewPassphrase = { passphrase: '', repeated: '', remember: true };

export const NewPassphraseRows = ({ typed, tried, problems, disabled = false, onChange }: { readonly typed: NewPassphrase; readonly tried: boolean; readonly problems: Problems; readonly disabled?: boolean; readonly onChange: (typed: NewPassphrase) => void }): ReactNode => {
  const { data: storage } = useAsk('credentials', 'storage', {});
  const { passphrase, repeated, remember } = typed;
  const differs = repeated !== passphrase && (tried || repeated !== '');
  return (
    <>
      <TextRow label="Passphrase" secret autoComplete="new-password" value={passphrase} disabled={disabled} problem={tried || passphrase !== '' ? problems.get('newPassphrase') ?? null : null} hint="Locks the authority’s key. Whoever has the key can make certificates that every host trusts." onChange={(value) => onChange({ ...typed, passphrase: value })} />
      <TextRow label="Passphrase again" secret autoComplete="new-password" value={repeated} disabled={disabled} problem={differs ? 'Differs from the first.' : null} onChange={(value) => onChange({ ...typed, repeated: value })} />
      <Row label=""><Tick label="Remember the passphrase" effect={storage?.available === true ? `Kept encrypted by ${storage.name}.` : `Kept until Guestdeck is closed. ${storage?.why ?? ''}`} checked={remember} disabled={disabled} onChange={(on) => onChange({ ...typed, remember: on })} /></Row>
    </>
  );
};
