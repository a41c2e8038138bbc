// Runs once before all flows: builds what is stale, so that they meet the program as it is.
import { ready } from '../../main/shell/prepare.mjs';

export default (): Promise<void> => ready();
