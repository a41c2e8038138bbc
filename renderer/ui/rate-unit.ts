// How rates of networks are written in this window: in bytes, or in bits as networks count.
import { createContext, useContext } from 'react';
import type { RateUnit } from '../../app/domain/bytes.ts';

export const RateUnitContext = createContext<RateUnit>('bytes');
export const useRateUnit = (): RateUnit => useContext(RateUnitContext);
