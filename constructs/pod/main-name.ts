/** The name of the business process in its rich container, and of the container itself. */
export const mainName = 'app';
