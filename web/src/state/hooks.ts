import type { Call, LocalMedia, LocalMediaState, NetworkCheck } from '@amphi/client';
import { useEffect, useState } from 'preact/hooks';

/** The devices' state; the component renders again when it changes. */
export function useLocalState(local: LocalMedia): LocalMediaState {
  const [state, setState] = useState(local.state);
  useEffect(() => {
    setState(local.state);
    return local.onChange(setState);
  }, [local]);
  return state;
}

/** What the call knows about the network; the component renders again when that changes. */
export function useNetwork(call: Call): NetworkCheck {
  const [check, setCheck] = useState(call.network);
  useEffect(() => {
    setCheck(call.network);
    return call.on('network', setCheck);
  }, [call]);
  return check;
}
