// The unit in which rates of networks are written: kept by main, so that it holds in every window.
import ToggleButton from '@mui/material/ToggleButton';
import ToggleButtonGroup from '@mui/material/ToggleButtonGroup';
import type { ReactNode } from 'react';
import { type RateUnit, rateUnits } from '../../app/domain/bytes.ts';
import { useAsk, useTell } from '../api/api.tsx';
import { RateUnitContext, useRateUnit } from '../ui/rate-unit.ts';

const labels: Readonly<Record<RateUnit, string>> = { bytes: 'MB/s', bits: 'Mbit/s' };

/** Everything inside writes rates of networks as chosen. */
export const NetworkRates = ({ children }: { readonly children: ReactNode }): ReactNode => {
  const { data } = useAsk('program', 'preferences', {});
  return <RateUnitContext value={data?.networkRates ?? 'bytes'}>{children}</RateUnitContext>;
};

export const NetworkRatesChoice = (): ReactNode => {
  const { mutate } = useTell('program', 'setPreferences');
  return (
    <ToggleButtonGroup exclusive value={useRateUnit()} aria-label="Rates of networks" onChange={(_, networkRates: RateUnit | null) => {
      if (networkRates !== null) mutate({ preferences: { networkRates } });
    }}>
      {rateUnits.map((unit) => <ToggleButton key={unit} value={unit} sx={{ textTransform: 'none' }}>{labels[unit]}</ToggleButton>)}
    </ToggleButtonGroup>
  );
};
