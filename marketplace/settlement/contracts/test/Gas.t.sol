// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Batch, PayLine} from "../src/Batch.sol";
import {Scene} from "./Scene.sol";

/// @notice What a batch costs, as a transaction of its own (isolated, so that no slot is warm from
/// a call before). The figures are written to snapshots/settle.json.
contract GasTest is Scene {
    function setUp() public {
        open();
    }

    /// forge-config: default.isolate = true
    function test_theGasOfFourPayLinesIsRecorded() public {
        record(4, "4 pay lines");
    }

    /// forge-config: default.isolate = true
    function test_theGasOfAHundredPayLinesIsRecorded() public {
        record(100, "100 pay lines");
    }

    /// One job, a payee a line: the first batch writes every slot anew, the second raises all.
    function record(uint256 lines, string memory name) private {
        bytes32 id = job(1, 1000 * ONE);
        measured(id, lines, ONE, string.concat(name, ", new payees"));
        measured(id, lines, 2 * ONE, string.concat(name, ", known payees"));
        vm.assertEq(escrow.credited(id), 2 * ONE * lines);
    }

    function measured(bytes32 id, uint256 lines, uint128 total, string memory name) private {
        Batch memory batch = batchOf(uint64(total));
        batch.pays = new PayLine[](lines);
        for (uint256 i = 0; i < lines; i++) {
            batch.pays[i] = PayLine(id, vm.addr(1000 + i), total);
        }
        settle(batch);
        // The limit of one transaction on Ethereum (EIP-7825).
        vm.assertLe(vm.snapshotGasLastCall("settle", name), 16_777_216);
    }
}
