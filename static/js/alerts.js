export function wireAlerts() {}
