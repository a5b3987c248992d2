// What clipper.ts takes from the library; the firmware finds it by the functions' names.
export declare function clip_block(at: usize, count: i32, limit: i32): void;
export declare function limit_of(steps: i32): i32;
export declare function spin(): void;
