export declare const b = 2;
