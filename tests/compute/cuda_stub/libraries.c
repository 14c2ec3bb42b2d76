/* What torch calls of cuBLAS and cuDNN: a product is one launch. Handles point to nothing in use;
   the rest of both libraries is written by symbols.py. */
#include "stub.h"
#include <stdlib.h>
#include <string.h>

static int created(void **handle) {
    *handle = calloc(1, 1024);
    return 0;
}

int cublasCreate_v2(void **handle) { return created(handle); }
int cublasLtCreate(void **handle) { return created(handle); }
int cublasLtMatmulDescCreate(void **description) { return created(description); }
int cublasLtMatrixLayoutCreate(void **layout) { return created(layout); }
int cublasLtMatmulPreferenceCreate(void **preference) { return created(preference); }
int cudnnCreate(void **handle) { return created(handle); }

int cublasGetMathMode(void *handle, int *mode) {
    *mode = 0;
    return 0;
}

int cublasGetPointerMode_v2(void *handle, int *mode) {
    *mode = 0;
    return 0;
}

int cublasSgemm_v2(void) { return stub_launched("kernel cublasSgemm"); }
int cublasGemmEx(void) { return stub_launched("kernel cublasGemmEx"); }
int cublasSgemv_v2(void) { return stub_launched("kernel cublasSgemv"); }
int cublasSdot_v2(void) { return stub_launched("kernel cublasSdot"); }
int cublasDotEx(void) { return stub_launched("kernel cublasDotEx"); }
int cublasGemmStridedBatchedEx(void) { return stub_launched("kernel cublasGemmStridedBatchedEx"); }
int cublasSgemmStridedBatched(void) { return stub_launched("kernel cublasSgemmStridedBatched"); }
int cublasLtMatmul(void) { return stub_launched("kernel cublasLtMatmul"); }

/* One algorithm is found, all of whose settings are 0. */
int cublasLtMatmulAlgoGetHeuristic(void *handle, void *description, void *a, void *b, void *c,
                                   void *d, void *preference, int wanted, void *algorithms,
                                   int *found) {
    memset(algorithms, 0, 128);
    *found = 1;
    return 0;
}
