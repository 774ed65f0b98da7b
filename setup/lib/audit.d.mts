export function auditVerdict(output: string): { state: 'good' | 'bad' | 'unknown'; text: string };
