/** Runs tasks one after the other, so that two clicks in a row cannot overtake each other. */
export function createSerial(onError: (error: unknown) => void) {
  let last: Promise<void> = Promise.resolve();
  return (task: () => Promise<void>): Promise<void> => {
    last = last.then(task).catch(onError);
    return last;
  };
}
